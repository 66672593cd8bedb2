//! What it says, in Russian, as its clients show it.

use std::time::Duration;

use lectern_domain::account::{CharacterClass, PasswordViolation};

pub(super) const SIGNED_UP: &str = "Пользователь добавлен";
pub(super) const TAKEN: &str = "Пользователь уже существует";
pub(super) const SIGNED_IN: &str = "Куки у Юзера";
pub(super) const WRONG_CREDENTIALS: &str = "Неверный логин или пароль";
pub(super) const SIGNED_OUT: &str = "Пользователь вне аккаунта";
pub(super) const SIGN_IN_AGAIN: &str = "Нужна повторная аутентификация";
pub(super) const CALLER_UNKNOWN: &str = "Требуется аутентификация.";
pub(super) const CODE_SENT: &str = "Если такой пользователь есть, код отправлен на его почту";
pub(super) const CODE_RIGHT: &str = "Код подтверждён";
pub(super) const CODE_WRONG: &str = "Код неверный";
pub(super) const RESET_OVER: &str = "Сессия утрачена. Повторите процедуру";
pub(super) const PASSWORD_SET: &str = "Пароль обновлён!";
pub(super) const BLOCKED: &str = "Аккаунт заблокирован";
pub(super) const REGISTRATION_CLOSED: &str = "Регистрация закрыта. Обратитесь к администратору";
pub(super) const CROSS_SITE: &str = "Запрос пришёл с другого сайта";
pub(super) const NOT_JSON: &str = "Тело запроса должно быть в формате JSON";
pub(super) const TOO_LARGE: &str = "Запрос слишком большой";
pub(super) const UNAVAILABLE: &str = "Сервис временно недоступен. Повторите позже";
pub(super) const OUR_FAULT: &str = "Внутренняя ошибка сервера";
pub(super) const BAD_ADDRESS: &str = "Некорректный адрес электронной почты";
pub(super) const BAD_NAME: &str = "Имя должно содержать от 1 до 64 символов";

/// Too many failures to sign in.
pub(super) fn too_many_attempts(wait: Option<Duration>) -> String {
    format!("Слишком много попыток входа. {}", come_back(wait))
}

/// Too many requests of any kind.
pub(super) fn too_many_requests(wait: Option<Duration>) -> String {
    format!("Слишком много запросов. {}", come_back(wait))
}

/// In whole seconds, rounded up, as `Retry-After` says it.
fn come_back(wait: Option<Duration>) -> String {
    let Some(wait) = wait else { return "Повторите позже".to_owned() };
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    format!("Повторите через {seconds} с.")
}

/// A field that isn't there.
pub(super) fn missing(field: &str) -> String {
    format!("Не указано поле {field}")
}

/// A field with something else in it.
pub(super) fn malformed(field: &str) -> String {
    format!("Поле {field} заполнено неверно")
}

/// Why a password was refused.
pub(super) fn weak(violation: PasswordViolation) -> String {
    match violation {
        PasswordViolation::TooShort { min } => format!("Пароль должен быть не короче {min} символов"),
        PasswordViolation::TooLong { max } => format!("Пароль должен быть не длиннее {max} символов"),
        PasswordViolation::TooManyBytes { max } => format!("Пароль должен занимать не более {max} байт"),
        PasswordViolation::Missing { class } => format!("Пароль должен содержать {}", class_of(class)),
        PasswordViolation::Forbidden { class } => format!("Пароль не должен содержать {}", those_of(class)),
        PasswordViolation::IsName => "Пароль не должен совпадать с логином".to_owned(),
        PasswordViolation::Common => "Пароль слишком распространён".to_owned(),
        PasswordViolation::OfTheService => "Пароль не должен быть словом этого сервиса".to_owned(),
    }
}

/// One character of a class, in the accusative.
fn class_of(class: CharacterClass) -> String {
    match class {
        CharacterClass::Lower => "строчную букву".to_owned(),
        CharacterClass::Upper => "заглавную букву".to_owned(),
        CharacterClass::Digit => "цифру".to_owned(),
        CharacterClass::Special => "специальный символ".to_owned(),
        CharacterClass::LatinLower => "строчную латинскую букву".to_owned(),
        CharacterClass::LatinUpper => "заглавную латинскую букву".to_owned(),
        CharacterClass::Cyrillic => "кириллицу".to_owned(),
        CharacterClass::WhiteSpace => "пробел".to_owned(),
        CharacterClass::OneOf(these) => format!("один из символов {these}"),
    }
}

/// All characters of a class, in the accusative.
fn those_of(class: CharacterClass) -> String {
    match class {
        CharacterClass::Lower => "строчные буквы".to_owned(),
        CharacterClass::Upper => "заглавные буквы".to_owned(),
        CharacterClass::Digit => "цифры".to_owned(),
        CharacterClass::Special => "специальные символы".to_owned(),
        CharacterClass::LatinLower => "строчные латинские буквы".to_owned(),
        CharacterClass::LatinUpper => "заглавные латинские буквы".to_owned(),
        CharacterClass::Cyrillic => "кириллицу".to_owned(),
        CharacterClass::WhiteSpace => "пробелы".to_owned(),
        CharacterClass::OneOf(these) => format!("символы {these}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_rounded_up() {
        let said = |millis| too_many_attempts(Some(Duration::from_millis(millis)));
        assert_eq!(said(299_001), "Слишком много попыток входа. Повторите через 300 с.");
        assert_eq!(said(1000), "Слишком много попыток входа. Повторите через 1 с.");
    }
}
