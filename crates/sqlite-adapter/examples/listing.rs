//! How fast lists are: fills a database with 10,000 transcriptions of 20 chunks each, all of one owner, and
//! prints medians. Run it with `cargo run --release -p lectern-sqlite-adapter --example listing`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use lectern_application::ports::{
    PageRequest, Queries, Schema, Transactions, TranscriptionFilter, UnitOfWork,
};
use lectern_domain::{
    access::RoleName,
    account::{NewUser, PasswordHash, UserId, Username},
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkNumber, ChunkPlan, NewTranscription, Recording, SearchText, Segment, Sha256,
        Title, Transcription, TranscriptionId,
    },
};
use lectern_sqlite_adapter::SqliteDatabase;
use uuid::Uuid;

const TRANSCRIPTIONS: u32 = 10_000;
const CHUNKS: u32 = 20;
const ROUNDS: usize = 101;
const WORDS: [&str; 12] = [
    "entropy",
    "lecture",
    "theorem",
    "the",
    "integral",
    "of",
    "measure",
    "and",
    "convergence",
    "a",
    "series",
    "limit",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let database = SqliteDatabase::open(&folder.path().join("lectern.db"))?;
    database.migrate_up().await?;

    let mut work = database.begin().await?;
    let owner = UserId(Uuid::from_u128(1));
    work.insert_user(account(owner, "ada")?).await?;
    work.commit().await?;

    let begun = Instant::now();
    for at in 0..TRANSCRIPTIONS {
        let mut work = database.begin().await?;
        fill(work.as_mut(), owner, at).await?;
        work.commit().await?;
    }
    println!("filled with {TRANSCRIPTIONS} transcriptions of {CHUNKS} chunks in {:.1?}", begun.elapsed());

    let everything = TranscriptionFilter { owner, state: None, search: None };
    let search =
        |text: &str| TranscriptionFilter { search: SearchText::parse(text).ok(), ..everything.clone() };
    for (what, filter, page) in [
        ("list, page 1", everything.clone(), 1),
        ("list, page 200", everything.clone(), 200),
        ("search for one transcription", search("lecture7777x unique7776"), 1),
        ("search that finds everything", search("entropy theorem"), 1),
        ("search for beginnings", search("e t m"), 1),
    ] {
        let page = PageRequest::new(page, 50).ok_or("no such page")?;
        let found = database.transcriptions(&filter, page).await?;
        let median = median(&database, &filter, page).await?;
        println!("{what}: {median:.2?} for {} of {}", found.items.len(), found.total);
    }
    Ok(())
}

async fn median(
    database: &SqliteDatabase,
    filter: &TranscriptionFilter,
    page: PageRequest,
) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        database.transcriptions(filter, page).await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().ok_or_else(|| "no rounds".into())
}

async fn fill(work: &mut dyn UnitOfWork, owner: UserId, at: u32) -> Result<(), Box<dyn Error>> {
    let made = work.insert_transcription(transcription(owner, at)?).await?;
    let made = (0..CHUNKS).try_fold(made, |made, number| made.store_chunk(ChunkNumber(number), time(at)))?;
    for number in 0..CHUNKS {
        work.put_chunk(made.id(), &chunk(at, number)?, number).await?;
    }
    work.save_transcription(&finished(made, at)?).await?;
    Ok(())
}

fn finished(made: Transcription, at: u32) -> Result<Transcription, Box<dyn Error>> {
    Ok(made.finish(&(0..CHUNKS).map(ChunkNumber).collect(), time(at))?)
}

fn time(at: u32) -> Timestamp {
    Timestamp::from_micros(i64::from(at))
}

fn account(id: UserId, name: &str) -> Result<NewUser, Box<dyn Error>> {
    Ok(NewUser {
        id,
        username: Some(Username::parse(name)?),
        email: None,
        first_name: None,
        last_name: None,
        password_hash: PasswordHash::new("none".to_owned()),
        role: RoleName::USER,
        can_interact: true,
        created_at: time(0),
    })
}

fn transcription(owner: UserId, at: u32) -> Result<NewTranscription, Box<dyn Error>> {
    Ok(NewTranscription {
        id: TranscriptionId(Uuid::from_u128(u128::from(at))),
        owner,
        title: Some(Title::parse(&format!("Lecture{}x", at + 1))?),
        language: None,
        recording: Recording {
            key: AudioKey(Uuid::from_u128(u128::from(at))),
            media_type: "audio/mpeg".to_owned(),
            bytes: 1,
            sha256: Sha256([0; 32]),
        },
        plan: ChunkPlan::new(Duration::from_mins(CHUNKS.into()), Duration::from_mins(1))?,
        created_at: time(at),
    })
}

/// About 150 words, as somebody says in a minute, in segments of twelve.
fn chunk(at: u32, number: u32) -> Result<Chunk, Box<dyn Error>> {
    let segments = (0..12_u64).map(|second| {
        let text = format!("{} unique{at}", WORDS.join(" "));
        let start = Duration::from_mins(number.into()) + Duration::from_secs(second * 5);
        Segment::new(start, start + Duration::from_secs(5), &text)
    });
    Ok(Chunk::from_segments(ChunkNumber(number), segments.collect::<Result<_, _>>()?)?)
}
