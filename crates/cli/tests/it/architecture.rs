//! The house's arrows, and what may not come in: read from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every arrow ARCHITECTURE.md allows: a room and the rooms it may stand on.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("stats", &["core"]),
    ("data", &["core"]),
    ("market", &["core", "stats"]),
    ("product", &["core", "stats", "market"]),
    ("fund", &["core", "stats", "market", "product"]),
    ("warning", &["core", "stats", "market"]),
    ("spiral", &["core", "stats", "market", "product"]),
    ("sample", &["core", "stats", "market", "product", "spiral"]),
    ("engine", &["core", "stats", "data", "market"]),
    (
        "study",
        &["core", "stats", "data", "market", "product", "fund", "warning", "spiral", "sample"],
    ),
    (
        "report",
        &[
            "core", "stats", "data", "market", "product", "fund", "warning", "spiral", "sample",
            "study",
        ],
    ),
    (
        "cli",
        &[
            "core", "stats", "data", "engine", "market", "product", "fund", "warning", "spiral",
            "sample", "study", "report",
        ],
    ),
];

/// Heavy or foreign crates and the only rooms that may name them.
const LEAVES: &[(&str, &[&str])] = &[
    ("datafusion", &["engine"]),
    ("deltalake-core", &["data"]),
    ("parquet", &["data"]),
    ("calamine", &["data"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli"]),
];

fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Room name to the packages it depends on, tests included.
fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let name = package["name"].as_str().expect("name");
            let room = name.strip_prefix("shoals-").expect("every member is shoals-ROOM");
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let names = dependencies.iter().map(|d| d["name"].as_str().expect("name").to_owned());
            (room.to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn every_arrow_is_one_the_house_allows() {
    let rooms = rooms();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    let found: BTreeSet<&str> = rooms.keys().map(String::as_str).collect();
    assert_eq!(found, known, "a room without a row, or a row without a room");
    for (room, dependencies) in &rooms {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| name == room).expect("checked above");
        for arrow in dependencies.iter().filter_map(|name| name.strip_prefix("shoals-")) {
            assert!(allowed.contains(&arrow), "{room} may not stand on {arrow}");
        }
    }
}

#[test]
fn heavy_crates_stay_in_their_leaves() {
    for (room, dependencies) in rooms() {
        for (heavy, homes) in LEAVES {
            assert!(
                !dependencies.contains(*heavy) || homes.contains(&room.as_str()),
                "{room} may not name {heavy}; only {homes:?} may"
            );
        }
    }
}

#[test]
fn the_default_build_links_no_query_engine_and_no_banned_crate() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let by_id: BTreeMap<&str, &Value> =
        nodes.iter().map(|node| (node["id"].as_str().expect("id"), node)).collect();
    let mut open: Vec<&str> =
        by_id.keys().copied().filter(|id| is_package(id, "shoals-cli")).collect();
    let mut linked = BTreeSet::new();
    while let Some(id) = open.pop() {
        if linked.insert(id) {
            open.extend(normal_dependencies(by_id[id]));
        }
    }
    for banned in
        ["datafusion", "ballista", "polars", "duckdb", "openssl", "native-tls", "deno_core"]
    {
        let found = linked.iter().find(|id| is_package(id, banned));
        assert!(found.is_none(), "the default build links {banned}");
    }
    assert!(linked.len() > 50, "the walk must have reached the dependencies");
}

/// Whether a package id names that package: `...#name@1.0.0`, or `.../name#1.0.0` for a path.
fn is_package(id: &str, name: &str) -> bool {
    let (place, version) = id.rsplit_once('#').unwrap_or((id, ""));
    match version.split_once('@') {
        Some((named, _)) => named == name,
        None => {
            place.rsplit('/').next() == Some(name)
                || place.ends_with(&name.replace("shoals-", "crates/"))
        }
    }
}

fn normal_dependencies(node: &Value) -> Vec<&str> {
    let is_normal = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().expect("kinds").iter().any(|kind| kind["kind"].is_null())
    };
    let dependencies = node["deps"].as_array().expect("deps");
    dependencies.iter().filter(is_normal).map(|d| d["pkg"].as_str().expect("pkg")).collect()
}

#[test]
fn every_licence_is_on_the_list() {
    let deny: toml::Table =
        include_str!("../../../../deny.toml").parse().expect("deny.toml is TOML");
    let allowed: BTreeSet<&str> = deny["licenses"]["allow"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|licence| licence.as_str().expect("text"))
        .collect();
    for package in metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"])["packages"]
        .as_array()
        .expect("packages")
    {
        let name = &package["name"];
        // A crate that ships its licence as a file states no expression; it is named here with what we read.
        if package["license"].is_null() {
            assert!(package["license_file"].is_string(), "{name} states no licence");
            continue;
        }
        let expression = package["license"].as_str().expect("text");
        let is_free = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
            .expect("an SPDX expression")
            .evaluate(|required| allowed.contains(required.to_string().as_str()));
        assert!(is_free, "{name}: {expression} is not allowed by deny.toml");
    }
}
