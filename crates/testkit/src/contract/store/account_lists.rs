//! Lists of accounts: which, in which order, on which page.

use lectern_application::ports::{
    AccountFilter, AccountSort, PageRequest, SearchedNames, SortOrder, StandingFilter,
};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{AccountSearch, User, UserParts},
};

use super::{StoreFixture, unique_name};
use crate::build::{UserBuilder, at, user};

const SORTS: [AccountSort; 7] = [
    AccountSort::CreatedAt,
    AccountSort::Number,
    AccountSort::Username,
    AccountSort::Email,
    AccountSort::LastActivityAt,
    AccountSort::Login,
    AccountSort::Balance,
];

/// The numbers on a page, and the total.
async fn listed(fixture: &StoreFixture, filter: &AccountFilter, page: u32, size: u32) -> (Vec<i64>, u64) {
    let request = PageRequest::new(page, size).unwrap();
    let page = fixture.queries.accounts(filter, request).await.unwrap();
    assert_eq!(page.request, request);
    (page.items.iter().map(|view| view.user.parts().number.0).collect(), page.total)
}

fn number(user: &User) -> i64 {
    user.parts().number.0
}

fn sorted(sort: AccountSort, order: SortOrder) -> AccountFilter {
    AccountFilter { sort, order, ..AccountFilter::default() }
}

fn searched(text: &str) -> AccountFilter {
    AccountFilter { search: AccountSearch::parse(text).unwrap(), ..AccountFilter::default() }
}

async fn add(fixture: &StoreFixture, builder: UserBuilder) -> User {
    fixture.insert_user(builder.build()).await
}

/// Asserts that a search finds one account and no other.
async fn assert_finds(fixture: &StoreFixture, text: &str, found: &User) {
    assert_eq!(listed(fixture, &searched(text), 1, 10).await, (vec![number(found)], 1), "{text}");
}

async fn assert_finds_nobody(fixture: &StoreFixture, text: &str) {
    assert_eq!(listed(fixture, &searched(text), 1, 10).await, (vec![], 0), "{text}");
}

/// Unless asked otherwise, the newest come first; made at the same time, by their numbers.
pub async fn the_newest_account_is_listed_first(fixture: &StoreFixture) {
    let mut expected = Vec::new();
    for seconds in [1, 1, 2] {
        expected.insert(0, number(&add(fixture, user(&unique_name()).created_at(at(seconds))).await));
    }
    let older = add(fixture, user(&unique_name()).created_at(at(0))).await;
    expected.push(number(&older));
    assert_eq!(listed(fixture, &AccountFilter::default(), 1, 10).await, (expected, 4));
}

/// Every order is the reverse of its reverse; names are compared by their keys.
pub async fn accounts_are_listed_in_every_order(fixture: &StoreFixture) {
    let b = add(fixture, user("b").email("Z@example.org").created_at(at(3))).await;
    let c = add(fixture, user("C").email("y@example.org").created_at(at(1))).await;
    let a = add(fixture, user("a").email("X@example.org").created_at(at(2))).await;
    for (user, seconds, balance) in [(&a, 8, 0), (&b, 7, 20), (&c, 9, 3)] {
        let rich = User::from_parts(UserParts { balance, ..user.parts().clone() }).unwrap();
        fixture.save_user(&rich.seen(at(seconds))).await;
    }
    let [a, b, c] = [a, b, c].map(|user| number(&user));
    let orders = [[c, a, b], [b, c, a], [a, b, c], [a, c, b], [b, a, c], [a, b, c], [a, c, b]];
    for (sort, expected) in SORTS.into_iter().zip(orders) {
        let mut expected = expected.to_vec();
        let ascending = listed(fixture, &sorted(sort, SortOrder::Ascending), 1, 10).await;
        assert_eq!(ascending, (expected.clone(), 3), "{sort:?}");
        expected.reverse();
        let descending = listed(fixture, &sorted(sort, SortOrder::Descending), 1, 10).await;
        assert_eq!(descending, (expected, 3), "{sort:?}");
    }
}

/// Deleted accounts are listed by when they were deleted.
pub async fn deleted_accounts_are_listed_by_when_they_were(fixture: &StoreFixture) {
    let mut deleted = Vec::new();
    for seconds in [2, 3, 1] {
        let user = add(fixture, user(&unique_name())).await.delete(at(seconds));
        fixture.save_user(&user).await;
        deleted.push(number(&user));
    }
    let filter = AccountFilter {
        standing: StandingFilter::Deleted,
        sort: AccountSort::DeletedAt,
        ..Default::default()
    };
    assert_eq!(listed(fixture, &filter, 1, 10).await, (vec![deleted[1], deleted[0], deleted[2]], 3));
}

/// What an account lacks is less than what any has; between those that lack it, the number decides.
pub async fn accounts_without_a_value_come_before_all_others(fixture: &StoreFixture) {
    let named = add(fixture, user("a").email("a@example.org")).await;
    fixture.save_user(&named.clone().seen(at(1))).await;
    let first = add(fixture, user("unused").without_username().email("b@example.org")).await;
    let second = add(fixture, user("unused").without_username().email("c@example.org")).await;
    let nobody = [first, second].map(|user| number(&user));
    for sort in [AccountSort::Username, AccountSort::LastActivityAt] {
        let ascending = vec![nobody[0], nobody[1], number(&named)];
        assert_eq!(listed(fixture, &sorted(sort, SortOrder::Ascending), 1, 10).await, (ascending, 3));
        let descending = vec![number(&named), nobody[1], nobody[0]];
        assert_eq!(listed(fixture, &sorted(sort, SortOrder::Descending), 1, 10).await, (descending, 3));
    }
}

/// The user name decides, and where there is none, the e-mail address among the user names of others.
pub async fn accounts_are_listed_by_what_their_holders_sign_in_with(fixture: &StoreFixture) {
    let by_mail = add(fixture, user("unused").without_username().email("B@example.org")).await;
    let first = add(fixture, user("a").email("z@example.org")).await;
    let last = add(fixture, user("C").email("a@example.org")).await;
    let mut expected = vec![number(&first), number(&by_mail), number(&last)];
    for search in ["", "e"] {
        let filter =
            AccountFilter { sort: AccountSort::Login, order: SortOrder::Ascending, ..searched(search) };
        assert_eq!(listed(fixture, &filter, 1, 10).await, (expected.clone(), 3), "{search}");
    }
    expected.reverse();
    let descending = sorted(AccountSort::Login, SortOrder::Descending);
    assert_eq!(listed(fixture, &descending, 1, 10).await, (expected, 3));
}

/// A search that looks at what people sign in with finds nothing in their other names, and ignores case and composition
/// all the same.
pub async fn accounts_are_found_by_a_part_of_what_their_holders_sign_in_with(fixture: &StoreFixture) {
    let named = add(fixture, user("АдаÉ").email("mail@example.org").named("Grace", "Hopper")).await;
    let by_mail = user("unused").without_username().email("x@example.net").named("Ex", "Net");
    let by_mail = add(fixture, by_mail).await;
    let by_login = |text: &str| AccountFilter { searched: SearchedNames::Login, ..searched(text) };
    for (text, found) in [("дАe\u{301}", &named), ("@EXAMPLE", &by_mail), (".net", &by_mail), ("x", &by_mail)]
    {
        assert_eq!(listed(fixture, &by_login(text), 1, 10).await, (vec![number(found)], 1), "{text}");
    }
    for text in ["mail", "grace", "hopper", "org", "ex net", "%", "АдаÉ mail"] {
        assert_eq!(listed(fixture, &by_login(text), 1, 10).await, (vec![], 0), "{text}");
    }
}

/// A page may begin anywhere.
pub async fn a_list_of_accounts_goes_on_after_any_item(fixture: &StoreFixture) {
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(number(&add(fixture, user(&unique_name())).await));
    }
    let filter = sorted(AccountSort::Number, SortOrder::Ascending);
    for (offset, expected) in [(0, &all[..2]), (1, &all[1..3]), (4, &all[4..]), (5, &[]), (u64::MAX, &[])] {
        let request = PageRequest::after(offset, 2).unwrap();
        let page = fixture.queries.accounts(&filter, request).await.unwrap();
        let numbers: Vec<_> = page.items.iter().map(|view| view.user.parts().number.0).collect();
        assert_eq!((numbers.as_slice(), page.total), (expected, 5), "{offset}");
    }
}

/// Pages neither overlap nor leave anything out, and beyond the last one the total stays right.
pub async fn lists_of_accounts_come_in_pages(fixture: &StoreFixture) {
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(number(&add(fixture, user(&unique_name())).await));
    }
    for filter in [
        sorted(AccountSort::Email, SortOrder::Ascending),
        AccountFilter { sort: AccountSort::Email, order: SortOrder::Ascending, ..searched("u") },
    ] {
        assert_eq!(listed(fixture, &filter, 1, 2).await, (all[..2].to_vec(), 5));
        assert_eq!(listed(fixture, &filter, 2, 2).await, (all[2..4].to_vec(), 5));
        assert_eq!(listed(fixture, &filter, 3, 2).await, (all[4..].to_vec(), 5));
        assert_eq!(listed(fixture, &filter, 4, 2).await, (vec![], 5));
        assert_eq!(listed(fixture, &filter, u32::MAX, PageRequest::MAX_SIZE).await, (vec![], 5));
    }
}

/// Deleted accounts are listed only when asked for, and then no others are.
pub async fn accounts_are_filtered_by_standing(fixture: &StoreFixture) {
    let active = add(fixture, user("ada-active")).await;
    let blocked = add(fixture, user("ada-blocked")).await.block(at(1)).unwrap();
    let deleted = add(fixture, user("ada-deleted")).await.delete(at(1));
    fixture.save_user(&blocked).await;
    fixture.save_user(&deleted).await;
    let [active, blocked, deleted] = [active, blocked, deleted].map(|user| number(&user));
    let cases = [
        (StandingFilter::Undeleted, vec![active, blocked]),
        (StandingFilter::Active, vec![active]),
        (StandingFilter::Blocked, vec![blocked]),
        (StandingFilter::Deleted, vec![deleted]),
    ];
    for (standing, expected) in cases {
        let total = u64::try_from(expected.len()).unwrap();
        for search in ["", "ada"] {
            let filter = AccountFilter {
                standing,
                sort: AccountSort::Number,
                order: SortOrder::Ascending,
                ..searched(search)
            };
            assert_eq!(listed(fixture, &filter, 1, 10).await, (expected.clone(), total), "{standing:?}");
        }
    }
}

/// A filter by role lists the accounts of that role and counts no others.
pub async fn accounts_are_filtered_by_role(fixture: &StoreFixture) {
    fixture.account().await;
    let operator = add(fixture, user(&unique_name()).role(RoleName::OPERATOR)).await;
    let of = |role: RoleName| AccountFilter { role: Some(role), ..AccountFilter::default() };
    assert_eq!(listed(fixture, &of(RoleName::OPERATOR), 1, 10).await, (vec![number(&operator)], 1));
    assert_eq!(listed(fixture, &of(RoleName::ADMIN), 1, 10).await, (vec![], 0));
    let unknown = RoleName::parse("astronaut").unwrap();
    assert_eq!(listed(fixture, &of(unknown), 1, 10).await, (vec![], 0));
}

/// User name, e-mail address, given name, family name, and both names together.
pub async fn accounts_are_found_by_a_part_of_any_name(fixture: &StoreFixture) {
    add(fixture, user("bob").email("bob@example.net").named("Bob", "Babbage")).await;
    let ada = add(fixture, user("countess").email("mail@example.org").named("Ada", "Lovelace")).await;
    for part in ["c", "nt", "countess", "L@EX", "ple.org", "ada", "ovela", "a l", "Ada Lovelace", " ada\t"] {
        assert_finds(fixture, part, &ada).await;
    }
    for other in ["lovelace ada", "adal", "countess@"] {
        assert_finds_nobody(fixture, other).await;
    }
}

/// Letters of every script are found in either case, composed or not.
pub async fn a_search_for_accounts_ignores_letter_case_and_composition(fixture: &StoreFixture) {
    let ada = add(fixture, user("АдаΣ").email("É@example.org").named("Οδυσσεύς", "Ünal")).await;
    for part in ["аДАσ", "e\u{301}@EX", "ΟΔΥΣΣΕΎΣ", "ΣΣΕ", "ünal", "U\u{308}N"] {
        assert_finds(fixture, part, &ada).await;
    }
}

/// Any text MAY be looked for, and each character of it stands for itself.
pub async fn nothing_in_a_search_for_accounts_is_an_operator(fixture: &StoreFixture) {
    let odd = add(fixture, user("odd").named("100% \"O'Brien\" _", "\\ * [a-z] OR 1=1;--")).await;
    add(fixture, user("even").named("100 OBrien", "az")).await;
    for part in ["%", "_", "\"", "'", "\\", "*", "[a-z]", "OR 1=1", ";--", "100%", "\" _", "z] or"] {
        assert_finds(fixture, part, &odd).await;
    }
    for other in ["o%d", "o_d", "od*", "^odd", "o.d", "?", "100%%", "NOT even"] {
        assert_finds_nobody(fixture, other).await;
    }
}

/// A user name and an e-mail address are two texts, not one.
pub async fn an_account_is_not_found_across_two_of_its_names(fixture: &StoreFixture) {
    add(fixture, user("ada").email("bob@example.org").named("Cy", "Dee")).await;
    for across in ["adabob", "ada bob", "ada\nbob", "orgcy", "org cy", "org\ncy"] {
        assert_finds_nobody(fixture, across).await;
    }
}

/// A search looks at names as they are now.
pub async fn a_changed_name_is_found_and_the_old_one_is_not(fixture: &StoreFixture) {
    let old = add(fixture, user("old").named("Before", "Marriage")).await;
    let renamed = user("new").named("After", "Marriage").build().numbered(old.parts().number).unwrap();
    let new = old.with_profile(renamed.profile(), at(1)).unwrap();
    fixture.save_user(&new).await;
    assert_finds(fixture, "after", &new).await;
    assert_finds(fixture, "marriage", &new).await;
    for gone in ["before", "old"] {
        assert_finds_nobody(fixture, gone).await;
    }
}

/// Whatever an adapter does otherwise when a search finds much, what it lists is the same.
pub async fn a_search_that_finds_many_accounts_is_listed_in_every_order(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    for count in 0..1_100_u64 {
        let email = format!("{}@example.org", (count * 7919) % 1_100);
        work.insert_user(user(&format!("many{count}")).email(&email).created_at(at(count % 7)).build())
            .await
            .unwrap();
    }
    work.commit().await.unwrap();
    for sort in SORTS {
        for order in [SortOrder::Ascending, SortOrder::Descending] {
            let everybody = sorted(sort, order);
            let many = AccountFilter { search: AccountSearch::parse("MANY").unwrap(), ..everybody.clone() };
            let by_login = AccountFilter { searched: SearchedNames::Login, ..many.clone() };
            for page in [1, 4, 11, 12] {
                let (expected, total) = listed(fixture, &everybody, page, 100).await;
                for filter in [&many, &by_login] {
                    let found = listed(fixture, filter, page, 100).await;
                    assert_eq!(found, (expected.clone(), total), "{sort:?} {order:?}");
                }
                assert_eq!(total, 1_100);
            }
        }
    }
}

/// An account has to pass all filters at once.
pub async fn filters_for_accounts_work_together(fixture: &StoreFixture) {
    let mut blocked = Vec::new();
    for (name, role) in [("ada1", RoleName::OPERATOR), ("ada2", RoleName::USER), ("bob", RoleName::OPERATOR)]
    {
        add(fixture, user(&format!("{name}-active")).role(role.clone())).await;
        let user = add(fixture, user(name).role(role)).await.block(at(1)).unwrap();
        fixture.save_user(&user).await;
        blocked.push(user);
    }
    let filter = AccountFilter {
        role: Some(RoleName::OPERATOR),
        standing: StandingFilter::Blocked,
        ..searched("ada")
    };
    assert_eq!(listed(fixture, &filter, 1, 10).await, (vec![number(&blocked[0])], 1));
}

/// What is listed is what is viewed: the account with its direct permissions and its role.
pub async fn a_list_of_accounts_shows_what_a_view_shows(fixture: &StoreFixture) {
    let permissions = PermissionSet::from_iter([Permission::AUDIT_VIEW, Permission::USERS_VIEW]);
    let full = add(fixture, user("full").email("full@example.org").named("Full", "House")).await;
    let full = full.with_permissions(permissions, at(1)).with_role(RoleName::OPERATOR, at(2)).seen(at(3));
    fixture.save_user(&full).await;
    let bare = add(fixture, user("bare").role(RoleName::ADMIN)).await;
    let filter = sorted(AccountSort::Number, SortOrder::Ascending);
    let page = fixture.queries.accounts(&filter, PageRequest::new(1, 10).unwrap()).await.unwrap();
    let mut expected = Vec::new();
    for user in [full, bare] {
        expected.push(fixture.queries.account(user.id()).await.unwrap().unwrap());
    }
    assert_eq!(page.items, expected);
}
