//! Writes a `MaxMind` DB file, after the format's specification 2.0: a binary search tree over the bits of an address,
//! 16 zero bytes, the data, and metadata behind its marker.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

/// Bits of an address: IPv4 lies in `::/96`.
const BITS: u32 = 128;
/// Bytes between tree and data.
const SEPARATOR: usize = 16;
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Where a bit of the address leads.
#[derive(Clone, Copy)]
enum Record {
    /// To the node of that number.
    Node(usize),
    /// To nothing.
    Nothing,
    /// To what lies there in the data.
    Data(usize),
}

/// A database with an entry for each network: objects are maps, numbers are doubles. Networks are apart from each other.
pub fn mmdb(entries: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (network, value) in entries {
        let at = data.len();
        put(&mut data, value);
        insert(&mut nodes, network.parse().expect("a network"), at);
    }
    let count = nodes.len();
    let mut file: Vec<u8> = nodes
        .iter()
        .flatten()
        .flat_map(|record| {
            let number = match record {
                Record::Node(node) => *node,
                Record::Nothing => count,
                Record::Data(at) => count + SEPARATOR + at,
            };
            let bytes = u32::try_from(number).expect("a small file").to_be_bytes();
            [bytes[1], bytes[2], bytes[3]]
        })
        .collect();
    file.extend([0; SEPARATOR]);
    file.extend(data);
    file.extend(MARKER);
    file.extend(metadata(count));
    file
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: IpNet, at: usize) {
    let (bits, length) = match network.network() {
        IpAddr::V4(ip) => (
            u128::from(ip.to_bits()),
            BITS - 32 + u32::from(network.prefix_len()),
        ),
        IpAddr::V6(ip) => (ip.to_bits(), u32::from(network.prefix_len())),
    };
    let mut node = 0;
    for place in 0..length {
        let bit = usize::from(bits >> (BITS - 1 - place) & 1 == 1);
        if place + 1 == length {
            nodes[node][bit] = Record::Data(at);
            return;
        }
        node = match nodes[node][bit] {
            Record::Node(next) => next,
            _ => {
                let next = nodes.len();
                nodes.push([Record::Nothing; 2]);
                nodes[node][bit] = Record::Node(next);
                next
            }
        };
    }
}

/// Types of the specification's section "Output Data Section".
const TEXT: u8 = 2;
const DOUBLE: u8 = 3;
const UINT16: u8 = 5;
const UINT32: u8 = 6;
const MAP: u8 = 7;
const UINT64: u8 = 9;
const ARRAY: u8 = 11;

/// The control byte, and the type behind it if that is an extended one.
fn control(into: &mut Vec<u8>, kind: u8, size: usize) {
    let size = u8::try_from(size).expect("small");
    assert!(size < 29, "a longer one has its length in further bytes");
    match kind {
        1..=7 => into.push(kind << 5 | size),
        _ => into.extend([size, kind - 7]),
    }
}

fn text(into: &mut Vec<u8>, text: &str) {
    control(into, TEXT, text.len());
    into.extend(text.as_bytes());
}

fn put(into: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(string) => text(into, string),
        Value::Number(number) => {
            control(into, DOUBLE, 8);
            into.extend(number.as_f64().expect("a number").to_be_bytes());
        }
        Value::Object(members) => {
            control(into, MAP, members.len());
            for (name, value) in members {
                text(into, name);
                put(into, value);
            }
        }
        other => panic!("{other} is in no entry"),
    }
}

fn metadata(nodes: usize) -> Vec<u8> {
    let mut map = Vec::new();
    control(&mut map, MAP, 9);
    let unsigned = |map: &mut Vec<u8>, name: &str, kind: u8, bytes: &[u8]| {
        text(map, name);
        control(map, kind, bytes.len());
        map.extend(bytes);
    };
    let nodes = u32::try_from(nodes).expect("a small file");
    unsigned(&mut map, "node_count", UINT32, &nodes.to_be_bytes());
    unsigned(&mut map, "record_size", UINT16, &24_u16.to_be_bytes());
    unsigned(&mut map, "ip_version", UINT16, &6_u16.to_be_bytes());
    unsigned(&mut map, "binary_format_major_version", UINT16, &[2]);
    unsigned(&mut map, "binary_format_minor_version", UINT16, &[]);
    unsigned(&mut map, "build_epoch", UINT64, &1_u64.to_be_bytes());
    text(&mut map, "database_type");
    text(&mut map, "Test-City");
    text(&mut map, "languages");
    control(&mut map, ARRAY, 1);
    text(&mut map, "en");
    text(&mut map, "description");
    control(&mut map, MAP, 0);
    map
}
