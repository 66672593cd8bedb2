//! Accounts listed all at once, and found by parts of the holder's names.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::{
    Caller, UseCaseError,
    accounts::AllAccountsFilter,
    auth::RegisterInput,
    ports::{AccountSort, PageRequest, SortOrder, StandingFilter},
};
use lectern_domain::account::{AccountSearch, FirstName, LastName, UserNumber};
use lectern_testkit::world::{
    World,
    steps::{origin, register_input},
};

async fn add(world: &World, username: &str, first: &str, last: &str) -> UserNumber {
    let input = RegisterInput {
        first_name: FirstName::parse(first).ok(),
        last_name: LastName::parse(last).ok(),
        ..register_input(username)
    };
    world.register().execute(input, &origin()).await.unwrap().user.parts().number
}

fn part(text: &str) -> Option<AccountSearch> {
    AccountSearch::parse(text).unwrap()
}

fn by_number() -> AllAccountsFilter {
    AllAccountsFilter { sort: AccountSort::Number, order: SortOrder::Ascending, ..Default::default() }
}

async fn listed(world: &World, by: &Caller, filter: AllAccountsFilter) -> Vec<UserNumber> {
    let accounts = world.list_all_accounts().execute(by, &filter).await.unwrap();
    accounts.iter().map(|account| account.user.parts().number).collect()
}

#[tokio::test]
async fn each_part_is_looked_for_in_its_own_name() {
    let world = World::new();
    let root = world.admin("root").await;
    let ivan = add(&world, "anna", "Иван", "Петров").await;
    let petr = add(&world, "boris", "Пётр", "Иванов").await;
    let both = add(&world, "clara", "Иванна", "Иванова").await;
    for (first_name, last_name, expected) in [
        (part("ИВАН"), None, vec![ivan, both]),
        (None, part("иван"), vec![petr, both]),
        (part("иван"), part("ова"), vec![both]),
        (part("anna"), None, vec![]),
        (part("иван петров"), None, vec![]),
        (part("%"), None, vec![]),
    ] {
        let filter = AllAccountsFilter { first_name, last_name, ..by_number() };
        assert_eq!(listed(&world, &root, filter.clone()).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_number_finds_its_account_if_it_passes_the_rest() {
    let world = World::new();
    let root = world.admin("root").await;
    let ada = add(&world, "ada", "Ada", "Lovelace").await;
    let one = || AllAccountsFilter { number: Some(ada), ..by_number() };
    assert_eq!(listed(&world, &root, one()).await, [ada]);
    let others = [
        AllAccountsFilter { first_name: part("bob"), ..one() },
        AllAccountsFilter { standing: StandingFilter::Blocked, ..one() },
        AllAccountsFilter { standing: StandingFilter::Deleted, ..one() },
        AllAccountsFilter { number: Some(UserNumber(ada.0 + 1)), ..by_number() },
    ];
    for filter in others {
        assert_eq!(listed(&world, &root, filter.clone()).await, [], "{filter:?}");
    }
}

#[tokio::test]
async fn the_list_is_longer_than_any_page() {
    let world = World::new();
    let root = world.admin("root").await;
    let many = usize::try_from(PageRequest::MAX_SIZE).unwrap() + 1;
    for number in 0..many {
        add(&world, &format!("u{number}"), "", "").await;
    }
    assert_eq!(listed(&world, &root, by_number()).await.len(), many + 1);
}

#[tokio::test]
async fn accounts_are_listed_for_who_may_view_them() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let refused = world.list_all_accounts().execute(&ada, &by_number()).await.unwrap_err();
    assert_eq!(refused.code(), "permission_denied");
}
