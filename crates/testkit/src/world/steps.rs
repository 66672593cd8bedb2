//! What happens before the part that a test is about. Each step takes the way that users take, through the use
//! cases, and panics if it is barred.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use lectern_application::{
    Caller,
    accounts::EnsureAdminInput,
    auth::{IssuedTokens, LoginInput, RegisterInput},
    mail::Delivery,
    ports::{AccountView, LeasedJob, StagedAudio, TranscriptionView},
    transcriptions::{SubmitInput, UploadInterrupted},
};
use lectern_domain::{
    access::{Permission, RoleName},
    account::{EmailAddress, Password, PasswordPolicy, Username},
    audit::Origin,
    challenge::Code,
    mail::MailContent,
    surface::Surface,
    transcription::{RecordingKinds, WorkerName},
};
use secrecy::ExposeSecret;

use super::World;
use crate::build::{chunk, device};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery staple";

/// What every upload consists of.
pub const RECORDING: &[u8] = b"not really a recording";

/// Where every request comes from: [`device`].
pub fn origin() -> Origin {
    let device = device();
    Origin { ip: device.ip, user_agent: device.user_agent, request_id: None }
}

/// What somebody of that user name registers with.
pub fn register_input(username: &str) -> RegisterInput {
    RegisterInput {
        username: Some(Username::parse(username).unwrap()),
        email: None,
        password: Password::new(PASSWORD.to_owned()).unwrap(),
        first_name: None,
        last_name: None,
        surface: Surface::V1,
        policy: PasswordPolicy::V1,
        idempotency_key: None,
    }
}

/// What somebody signs in with through `v1`.
pub fn login_input(login: &str, password: &str) -> LoginInput {
    LoginInput { login: login.to_owned(), password: password.into(), surface: Surface::V1 }
}

impl World {
    /// Registers an account with the password [`PASSWORD`].
    pub async fn sign_up(&self, username: &str) -> AccountView {
        self.register().execute(register_input(username), &origin()).await.unwrap()
    }

    /// The same with an e-mail address.
    pub async fn sign_up_with_email(&self, username: &str, email: &str) -> AccountView {
        let input = RegisterInput { email: EmailAddress::parse(email).ok(), ..register_input(username) };
        self.register().execute(input, &origin()).await.unwrap()
    }

    /// Delivers all mails that are due, and answers the code of the last one that was sent.
    pub async fn mailed_code(&self) -> Code {
        while self.deliver_mail().execute().await.unwrap() != Delivery::Nothing {}
        let letter = self.mailer.sent().pop().unwrap();
        let (MailContent::PasswordReset { code } | MailContent::EmailVerification { code }) = letter.content;
        code
    }

    /// Signs that account in.
    pub async fn sign_in(&self, username: &str) -> IssuedTokens {
        self.log_in().execute(login_input(username, PASSWORD), &origin()).await.unwrap()
    }

    /// Who a request with these tokens comes from.
    pub async fn caller(&self, tokens: &IssuedTokens) -> Caller {
        let principal = self.authenticate().execute(tokens.access_token.expose_secret()).await.unwrap();
        Caller { principal, origin: origin() }
    }

    /// Registers an account and signs it in.
    pub async fn register_user(&self, username: &str) -> Caller {
        self.sign_up(username).await;
        self.caller(&self.sign_in(username).await).await
    }

    /// Makes an administrator and signs them in.
    pub async fn admin(&self, username: &str) -> Caller {
        let input = EnsureAdminInput {
            username: Some(Username::parse(username).unwrap()),
            email: None,
            password: Password::new(PASSWORD.to_owned()).unwrap(),
        };
        self.ensure_admin().execute(input).await.unwrap();
        self.caller(&self.sign_in(username).await).await
    }

    /// Registers an account that may do this and nothing else, by a role of the same name that the administrator `root`
    /// makes, and signs it in.
    pub async fn holder(&self, username: &str, permissions: &[Permission]) -> Caller {
        let root = self.admin("root").await;
        let role = RoleName::parse(username).unwrap();
        let permissions = permissions.iter().cloned().collect();
        self.create_role().execute(&root, role.clone(), permissions, None).await.unwrap();
        let account = self.sign_up(username).await;
        self.set_role().execute(&root, account.user.id(), role).await.unwrap();
        self.caller(&self.sign_in(username).await).await
    }

    /// Streams [`RECORDING`] into a staging file.
    pub async fn stage_recording(&self, caller: &Caller) -> StagedAudio {
        let pieces = RECORDING.chunks(8).map(|piece| Ok::<_, UploadInterrupted>(Bytes::from_static(piece)));
        self.stage().execute(caller, stream::iter(pieces)).await.unwrap()
    }

    /// Uploads a recording that plays for so many seconds, without title and language.
    pub async fn upload(&self, caller: &Caller, seconds: u64) -> TranscriptionView {
        let duration = Duration::from_secs(seconds);
        self.probe.find(duration);
        self.decoder.find(duration);
        let staged = self.stage_recording(caller).await;
        let input = SubmitInput {
            staged,
            title: None,
            language: None,
            kinds: RecordingKinds::All,
            idempotency_key: None,
        };
        self.submit().execute(caller, input).await.unwrap()
    }

    /// Leases the next job to the worker `anna`.
    pub async fn lease(&self) -> LeasedJob {
        let worker = WorkerName::parse("anna").unwrap();
        self.lease_job().execute(&worker).await.unwrap().unwrap()
    }

    /// Stores a chunk without segments.
    pub async fn store(&self, job: &LeasedJob, number: u32, text: &str) {
        self.store_chunk().execute(job.lease, &chunk(number, text).build()).await.unwrap();
    }

    /// Does the next job to its end: chunk *k* is `words of chunk k`.
    pub async fn transcribe_next(&self) {
        let job = self.lease().await;
        for number in &job.missing {
            self.store(&job, number.0, &format!("words of chunk {}", number.0)).await;
        }
        self.complete_job().execute(job.lease).await.unwrap();
    }
}
