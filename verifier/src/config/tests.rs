//! What a configuration file may say.

use super::*;

#[test]
fn what_is_wrong_is_said_in_one_line_with_its_place() {
    let file = initial_file(Path::new("dist"), None);
    let broken = parse(&format!("{file}\nred = = 1\n"), &[]).unwrap_err();
    let lines = file.lines().count();
    assert!(
        broken.starts_with(&format!("line {}: ", lines + 2)),
        "{broken}"
    );
    let wrong = parse(&format!("{file}foo = 1\n"), &[]).unwrap_err();
    assert!(wrong.contains("usd_rates"), "{wrong}");
    for message in [broken, wrong] {
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Config::parse(text, environment, Path::new("/etc/waxseal")).map_err(|error| error.to_string())
}

#[test]
fn the_initial_file_is_a_valid_configuration() {
    let config = parse(&initial_file(Path::new("dist"), None), &[]).unwrap();
    assert_eq!(config.listen.public.port(), 8787);
    let database = Path::new("/etc/waxseal/waxseal.sqlite");
    assert_eq!(config.store.file(), Some(database));
    assert_eq!(config.assets.dir, Path::new("/etc/waxseal/dist"));
}

#[test]
fn the_environment_overrides_the_file() {
    let file = initial_file(Path::new("dist"), None);
    let config = parse(
        &file,
        &[
            ("WAXSEAL_VERIFIER__LISTEN__PUBLIC", "127.0.0.1:9"),
            ("WAXSEAL_VERIFIER__LIMITS__BODY_TIMEOUT_S", "3"),
            ("WAXSEAL_VERIFIER__RISK__BLOCK_CIDRS", "[\"192.0.2.0/24\"]"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.public.port(), 9);
    assert_eq!(config.limits.body_timeout_s, 3);
    assert_eq!(config.risk.block_cidrs.len(), 1);
}

#[test]
fn the_erase_ledger_lies_beside_the_configuration_unless_the_database_is_on_a_server() {
    let file = initial_file(Path::new("dist"), None);
    let without = file.replace("erase_ledger = ", "# erase_ledger = ");
    for text in [&file, &without] {
        let config = parse(text, &[]).unwrap();
        let ledger = config.erase_ledger().unwrap();
        assert_eq!(ledger, Path::new("/etc/waxseal/waxseal.erased"));
    }
    let url = "url = \"postgres://verifier@localhost/waxseal\"";
    let on_server = |text: &str| text.replace("path = \"waxseal.sqlite\"", url);
    assert!(parse(&on_server(&file), &[]).is_ok());
    let refused = parse(&on_server(&without), &[]).unwrap_err();
    assert!(refused.contains("retention.erase_ledger"), "{refused}");
}

#[test]
fn nothing_is_kept_shorter_than_it_is_needed() {
    let file = initial_file(Path::new("dist"), None);
    let with = |option: &str, value: &str| {
        let name = format!("WAXSEAL_VERIFIER__RETENTION__{option}");
        parse(&file, &[(&name, value)])
    };
    // An idempotency key leads to its session for as long as it is kept.
    for (option, least) in [
        ("SESSIONS_S", 604_800),
        ("SUBMISSION_DETAILS_S", 172_800),
        ("ALERTS_S", 86_400),
    ] {
        assert!(with(option, &format!("{least}")).is_ok(), "{option}");
        let refused = with(option, &format!("{}", least - 1)).unwrap_err();
        assert!(refused.contains(&option.to_lowercase()), "{refused}");
    }
}

#[test]
fn what_is_no_option_refuses_to_start() {
    let file = initial_file(Path::new("dist"), None);
    for (text, environment) in [
        (format!("{file}\n[colour]\nred = 1\n"), vec![]),
        (
            file.replace("[store]", "[store]\nsynchronous = \"OFF\""),
            vec![],
        ),
        (
            file.clone(),
            vec![("WAXSEAL_VERIFIER__STORE__SYNCHRONOUS", "OFF")],
        ),
        (file.clone(), vec![("WAXSEAL_VERIFIER__STORE", "x")]),
        // A server that is not local, without TLS.
        (
            file.replace(
                "path = \"waxseal.sqlite\"",
                "url = \"postgres://verifier@db.example/waxseal\"",
            ),
            vec![],
        ),
        (
            file.clone(),
            vec![("WAXSEAL_VERIFIER__LISTEN__PRIVATE", "0.0.0.0:8788")],
        ),
        (
            file.clone(),
            vec![("WAXSEAL_VERIFIER__LISTEN__PUBLIC_ORIGIN", "http://a/path")],
        ),
        // A console that nobody could be sent to, one that is not local, and origins that are none.
        (
            file.replace("console_origin = \"http://localhost:8789\"\n", ""),
            vec![],
        ),
        (
            file.clone(),
            vec![
                ("WAXSEAL_VERIFIER__LISTEN__CONSOLE", "0.0.0.0:8789"),
                (
                    "WAXSEAL_VERIFIER__LISTEN__CONSOLE_ORIGIN",
                    "https://a.example",
                ),
            ],
        ),
        (
            file.clone(),
            vec![(
                "WAXSEAL_VERIFIER__LISTEN__CONSOLE_ORIGIN",
                "https://a.example/",
            )],
        ),
        (
            file.clone(),
            vec![(
                "WAXSEAL_VERIFIER__LISTEN__PRIVATE_ORIGIN",
                "http://a.example",
            )],
        ),
        (
            file.clone(),
            vec![("WAXSEAL_VERIFIER__LIMITS__CLIENT_TOKEN_TTL_S", "1801")],
        ),
        (
            file.clone(),
            vec![(
                "WAXSEAL_VERIFIER__LISTEN__PUBLIC_ORIGIN",
                "http://shop.example",
            )],
        ),
    ] {
        assert!(parse(&text, &environment).is_err(), "{environment:?}");
    }
}
