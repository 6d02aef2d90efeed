//! `jwksd users`: administering users at the database itself, also while a server runs on it.

use std::io::{BufRead, stdin};
use std::sync::Arc;

use anyhow::{anyhow, bail};
use jwksd_domain::audit::{Event, Origin};
use jwksd_domain::ports::UserLookup;
use jwksd_domain::usecase::{
    AddUser, AddUserParts, AddUserRequest, ChangeUser, ChangeUserParts, Editor, ListUsers, NewPassword, ResetTotp,
    UserEdit,
};
use jwksd_domain::user::{Email, LoginName, Password, Role, User, UserState, Username};
use serde_json::{Value, json};

use crate::cli::{Output, PasswordSource, UsersCommand};
use crate::compose::{self, Stores};
use crate::config::{Config, Database};

use super::output;

const COLUMNS: [&str; 7] = ["id", "username", "email", "role", "state", "registered_at", "last_login_at"];
/// How many users are asked for at once.
const PAGE: u32 = 500;

/// Does what `command` says.
pub(super) async fn run(config: &Config, command: UsersCommand) -> anyhow::Result<()> {
    let stores = match command {
        UsersCommand::Add { .. } => lasting_stores(config).await?,
        _ => existing_stores(config).await?,
    };
    let done = carry_out(config, &stores, command).await;
    stores.close().await;
    done
}

/// The stores, where they outlive this command.
///
/// # Errors
/// Fails for a database in memory, which every process has for itself.
pub(super) async fn lasting_stores(config: &Config) -> anyhow::Result<Stores> {
    match &config.database {
        Database::SqliteFile(_) => Stores::open(config).await,
        Database::SqliteMemory | Database::Memory => {
            bail!(
                "{} is a database of the server's own process: nothing can be done with it from outside",
                config.database.url()
            )
        }
    }
}

/// The stores, where they are there already.
///
/// # Errors
/// Fails where there is no database; none is made.
pub(super) async fn existing_stores(config: &Config) -> anyhow::Result<Stores> {
    match config.database.file() {
        Some(file) if !file.exists() => {
            bail!("there is no database {}: start the server once, or set --database-url", file.display())
        }
        _ => lasting_stores(config).await,
    }
}

async fn carry_out(config: &Config, stores: &Stores, command: UsersCommand) -> anyhow::Result<()> {
    match command {
        UsersCommand::Add { name, email, role, password, listing } => {
            let email = email.map(|email| Email::parse(&email)).transpose()?;
            let role = Role::from_name(&role).ok_or_else(|| anyhow!("there is no role {role}"))?;
            let request = AddUserRequest {
                origin: Origin::of_the_server(),
                event: Event::UserAdministered,
                username: Username::parse(&name)?,
                email,
                password: read_password(password)?,
                role,
            };
            let added = adding(config, stores)?.run(request).await?;
            told(&added.user, added.generated.as_ref(), listing.output)
        }
        UsersCommand::List(listing) => list(stores, listing.output).await,
        UsersCommand::SetRole { name, role } => {
            let role = Role::from_name(&role).ok_or_else(|| anyhow!("there is no role {role}"))?;
            let edit = UserEdit { role: Some(role), ..UserEdit::default() };
            change(config, stores, &name, edit).await.map(|_| ())
        }
        UsersCommand::ResetPassword { name, password, listing } => {
            let password = read_password(password)?.map_or(NewPassword::Made, NewPassword::Chosen);
            let edit = UserEdit { password: Some(password), ..UserEdit::default() };
            let (user, generated) = change(config, stores, &name, edit).await?;
            told(&user, generated.as_ref(), listing.output)
        }
        UsersCommand::ResetTotp { name } => reset_totp(stores, &name).await,
        UsersCommand::Disable { name } => {
            let edit = UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() };
            change(config, stores, &name, edit).await.map(|_| ())
        }
        UsersCommand::Enable { name } => {
            let edit = UserEdit { state: Some(UserState::Active), ..UserEdit::default() };
            change(config, stores, &name, edit).await.map(|_| ())
        }
    }
}

fn adding(config: &Config, stores: &Stores) -> anyhow::Result<AddUser> {
    Ok(AddUser::new(AddUserParts {
        users: Arc::clone(&stores.users),
        hasher: compose::hasher(config)?,
        audit: Arc::clone(&stores.audit),
        entropy: compose::entropy(),
        clock: compose::clock(),
        passwords: config.passwords,
    }))
}

async fn change(
    config: &Config,
    stores: &Stores,
    name: &str,
    edit: UserEdit,
) -> anyhow::Result<(User, Option<Password>)> {
    let use_case = ChangeUser::new(ChangeUserParts {
        users: Arc::clone(&stores.users),
        sessions: Arc::clone(&stores.sessions),
        hasher: compose::hasher(config)?,
        audit: Arc::clone(&stores.audit),
        entropy: compose::entropy(),
        clock: compose::clock(),
        passwords: config.passwords,
    });
    let name = LoginName::parse(name)?;
    Ok(use_case.run(UserLookup::Name(&name), edit, Editor::CommandLine).await?)
}

async fn reset_totp(stores: &Stores, name: &str) -> anyhow::Result<()> {
    let (users, factors) = (Arc::clone(&stores.users), Arc::clone(&stores.second_factors));
    let use_case = ResetTotp::new(users, factors, Arc::clone(&stores.audit), compose::clock());
    let name = LoginName::parse(name)?;
    use_case.run(UserLookup::Name(&name), Editor::CommandLine).await?;
    Ok(())
}

async fn list(stores: &Stores, form: Output) -> anyhow::Result<()> {
    let use_case = ListUsers::new(Arc::clone(&stores.users));
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = use_case.run(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        rows.extend(page.iter().map(row));
    }
    output::print_rows(&COLUMNS, &rows, form)
}

fn row(user: &User) -> Vec<Value> {
    vec![
        json!(user.id.0),
        json!(user.username),
        json!(user.email),
        json!(user.role.as_str()),
        json!(user.state.as_str()),
        json!(user.registered_at.to_string()),
        json!(user.last_login_at.map(|at| at.to_string())),
    ]
}

/// Shows a password that was made: this once.
fn told(user: &User, generated: Option<&Password>, form: Output) -> anyhow::Result<()> {
    match (form, generated) {
        (Output::Text, None) => Ok(()),
        (Output::Text, Some(password)) => output::print(&format!("{}\n", password.expose())),
        (Output::Json, _) => {
            let mut answer = json!({ "id": user.id.0, "username": user.username, "role": user.role.as_str() });
            if let Some(password) = generated {
                answer["password"] = json!(password.expose());
            }
            output::print_json(&answer)
        }
    }
}

fn read_password(source: PasswordSource) -> anyhow::Result<Option<Password>> {
    if !source.stdin {
        return Ok(None);
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(Some(Password::parse(line)?))
}
