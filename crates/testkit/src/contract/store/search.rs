//! Search: words of titles and texts, and nothing but words.

use lectern_application::ports::{PageRequest, TranscriptionFilter};
use lectern_domain::{
    account::UserId,
    transcription::{SearchText, State, StateName, Title, Transcription, TranscriptionId},
};

use super::{StoreFixture, in_state};
use crate::build::{at, chunk, transcription};

/// What the owner finds, newest first.
async fn found(fixture: &StoreFixture, owner: UserId, search: &str) -> Vec<TranscriptionId> {
    let filter = TranscriptionFilter { owner, state: None, search: Some(SearchText::parse(search).unwrap()) };
    let page = fixture.queries.transcriptions(&filter, PageRequest::new(1, 50).unwrap()).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    page.items.iter().map(|view| view.transcription.id()).collect()
}

/// A transcription of that title.
async fn titled(fixture: &StoreFixture, title: &str) -> Transcription {
    let owner = fixture.account().await;
    fixture.insert_transcription(transcription(owner).title(title).build()).await
}

async fn finds(fixture: &StoreFixture, transcription: &Transcription, search: &str) -> bool {
    let found = found(fixture, transcription.parts().owner, search).await;
    assert!(found.iter().all(|id| *id == transcription.id()));
    !found.is_empty()
}

/// A title is found by its words and by their beginnings, not by their middles or ends.
pub async fn words_are_found_by_their_beginnings(fixture: &StoreFixture) {
    let titled = titled(fixture, "Sorting networks").await;
    for search in ["sorting", "sort", "s", "networks", "net"] {
        assert!(finds(fixture, &titled, search).await, "{search}");
    }
    for search in ["orting", "works", "sortings", "trees"] {
        assert!(!finds(fixture, &titled, search).await, "{search}");
    }
}

/// All words have to be there, in any order.
pub async fn all_words_have_to_be_found(fixture: &StoreFixture) {
    let titled = titled(fixture, "Sorting networks explained").await;
    assert!(finds(fixture, &titled, "networks sorting").await);
    assert!(finds(fixture, &titled, "  expl \t sorting \n").await);
    assert!(!finds(fixture, &titled, "sorting trees").await);
}

/// Letter case is ignored, in every script that has it.
pub async fn letter_case_is_ignored(fixture: &StoreFixture) {
    let titled = titled(fixture, "Лекция über SORTING").await;
    for search in ["лекция", "ЛЕКЦИЯ", "лЕк", "ÜBER", "über", "sorting"] {
        assert!(finds(fixture, &titled, search).await, "{search}");
    }
}

/// The text of any chunk is found.
pub async fn the_text_of_chunks_is_found(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    fixture.put_chunk(queued.id(), &chunk(0, "good morning").build(), 1).await;
    fixture.put_chunk(queued.id(), &chunk(2, "Квиксорт, наконец!").build(), 2).await;
    for search in ["morning", "квиксорт", "Наконец"] {
        assert!(finds(fixture, &queued, search).await, "{search}");
    }
    assert!(!finds(fixture, &queued, "evening").await);
}

/// The words may be in different chunks, or in the title and the text; each transcription is found once.
pub async fn words_may_be_far_apart(fixture: &StoreFixture) {
    let titled = titled(fixture, "Sorting").await;
    fixture.put_chunk(titled.id(), &chunk(0, "good morning quicksort").build(), 1).await;
    fixture.put_chunk(titled.id(), &chunk(1, "good bye quicksort").build(), 2).await;
    let owner = titled.parts().owner;
    for search in ["morning bye", "sorting bye morning", "good", "quicksort"] {
        assert_eq!(found(fixture, owner, search).await, [titled.id()], "{search}");
    }
}

/// A replaced chunk is found by its new text only.
pub async fn replaced_text_is_not_found(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    fixture.put_chunk(queued.id(), &chunk(0, "quicksort").build(), 1).await;
    fixture.put_chunk(queued.id(), &chunk(0, "mergesort").build(), 2).await;
    assert!(!finds(fixture, &queued, "quicksort").await);
    assert!(finds(fixture, &queued, "mergesort").await);
}

/// A renamed transcription is found by its new title only, and by none once it has none.
pub async fn a_new_title_is_found_and_the_old_one_is_not(fixture: &StoreFixture) {
    let old = titled(fixture, "Sorting").await;
    let new = old.clone().rename(Title::parse("Searching").ok(), at(1));
    fixture.save_transcription(&new).await;
    assert!(finds(fixture, &new, "searching").await);
    assert!(!finds(fixture, &new, "sorting").await);
    fixture.save_transcription(&new.clone().rename(None, at(2))).await;
    assert!(!finds(fixture, &new, "searching").await);
}

/// A deleted transcription is not found, nor is its text by whoever comes next.
pub async fn a_deleted_transcription_is_not_found(fixture: &StoreFixture) {
    let deleted = titled(fixture, "Sorting").await;
    fixture.put_chunk(deleted.id(), &chunk(0, "quicksort").build(), 1).await;
    fixture.delete_transcription(deleted.id()).await;
    let owner = deleted.parts().owner;
    let next = fixture.insert_transcription(transcription(owner).build()).await;
    for search in ["sorting", "quicksort"] {
        assert!(!finds(fixture, &next, search).await, "{search}");
    }
}

/// Others' words are not found.
pub async fn only_ones_own_words_are_found(fixture: &StoreFixture) {
    let (own, other) = (titled(fixture, "Sorting").await, titled(fixture, "Sorting").await);
    assert_eq!(found(fixture, own.parts().owner, "sorting").await, [own.id()]);
    assert_eq!(found(fixture, other.parts().owner, "sorting").await, [other.id()]);
}

/// An empty or blank search filters nothing.
pub async fn a_blank_search_filters_nothing(fixture: &StoreFixture) {
    let titled = titled(fixture, "Sorting").await;
    for search in ["", " ", " \t\n "] {
        assert!(finds(fixture, &titled, search).await, "{search:?}");
    }
}

/// Nothing MUST be taken for an operator: words stay words, and punctuation means nothing.
pub async fn operators_are_plain_text(fixture: &StoreFixture) {
    let titled = titled(fixture, "alpha beta").await;
    let found = [
        "\"alpha",
        "\"beta alpha\"",
        "alpha*",
        "alpha *",
        "(alpha",
        "alpha)",
        "-alpha",
        "+alpha",
        "^beta",
        "beta + alpha",
        "alpha, beta",
        "alpha & beta",
        "'alpha'",
        "{alpha}",
        "alph* bet*",
    ];
    for search in found {
        assert!(finds(fixture, &titled, search).await, "{search}");
    }
    let missing = [
        "alpha OR gamma",
        "alpha NOT gamma",
        "alpha AND beta",
        "NEAR(alpha beta)",
        "alpha NEAR beta",
        "title:alpha",
        "text : alpha",
        "owner:alpha",
        "%pha",
        "_lpha",
        "al%ha",
        "alpha | gamma",
        "alpha || gamma",
    ];
    for search in missing {
        assert!(!finds(fixture, &titled, search).await, "{search}");
    }
}

/// Words that are operators elsewhere are found where they are words.
pub async fn operators_are_found_as_words(fixture: &StoreFixture) {
    let titled = titled(fixture, "Near or not and why").await;
    for search in ["OR", "NOT", "AND", "NEAR", "near OR not AND why"] {
        assert!(finds(fixture, &titled, search).await, "{search}");
    }
}

/// No search is an error, whatever is in it.
pub async fn no_search_is_an_error(fixture: &StoreFixture) {
    let owner = titled(fixture, "Sorting").await.parts().owner;
    let long = "word".repeat(50);
    let searches = [
        "\"",
        "\"\"",
        "'",
        "*",
        "**",
        "-",
        "--",
        "(",
        ")",
        "()",
        ":",
        "^",
        "\\",
        "%",
        "_",
        "&",
        "|",
        "!",
        "<->",
        ";",
        "\"\"\"",
        "\0",
        "a\0b",
        "NEAR(",
        "NEAR/3",
        "OR",
        "AND OR NOT",
        "a:b:c",
        "{a b}:c",
        "'; DROP TABLE users; --",
        "\u{feff}",
        "e\u{301}",
        "👩🏽‍🏫",
        "講義",
        "[1,2]",
        "\"]",
        &long,
    ];
    for search in searches {
        found(fixture, owner, search).await;
    }
}

/// Search and state filter together.
pub async fn a_search_is_filtered_by_state(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let finished = fixture.insert_finished(transcription(owner).title("Sorting one").build()).await;
    let active = fixture.insert_transcription(transcription(owner).title("Sorting two").build()).await;
    fixture.save_transcription(&in_state(&active, State::InProgress)).await;
    let filter =
        |state| TranscriptionFilter { owner, state: Some(state), search: SearchText::parse("sort").ok() };
    for (state, id) in [(StateName::Cancelled, finished.id()), (StateName::InProgress, active.id())] {
        let request = PageRequest::new(1, 10).unwrap();
        let page = fixture.queries.transcriptions(&filter(state), request).await.unwrap();
        let ids = page.items.iter().map(|view| view.transcription.id()).collect::<Vec<_>>();
        assert_eq!((ids, page.total), (vec![id], 1));
    }
}
