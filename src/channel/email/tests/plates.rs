//! What is rendered once for many is for each of them what would have been made for them alone.

use std::sync::Arc;

use super::super::{EmailChannel, message};
use crate::channel::samples::{self, job};
use crate::channel::{Job, Message};
use crate::config::{Config, Language, TextMode};

fn channel(config: Config) -> EmailChannel {
    let config = Arc::new(config);
    EmailChannel::build(&config, &samples::email(vec![samples::relay(9)]), &samples::parts(&config)).unwrap()
}

/// The same message for another reader.
fn to(reader: i64, language: Language, message: &Message) -> Job {
    let mut job = job(&format!("reader{reader}@example.org"), message.clone());
    (job.delivery, job.target.id, job.target.language) = (reader, reader, language);
    job.message_id = format!("p.{reader}.1");
    job
}

fn alone(channel: &EmailChannel, job: &Job) -> Vec<u8> {
    let envelope = message::Envelope {
        from: &channel.maker.config.from,
        to: message::address(&job.target.address).unwrap(),
        message_id: &job.message_id,
        after: None,
        date: job.created.into(),
        one_click: true,
    };
    message::build(&channel.maker.renderer.content(job).unwrap(), &envelope).unwrap()
}

fn messages() -> Vec<Message> {
    let mut lead = samples::section();
    lead.text = TextMode::Lead;
    let mut english = samples::reading();
    english.html = "<p>The bridge opens = again on Monday. ... said the council.</p>\n".repeat(60);
    english.text = "The bridge opens = again on Monday.   \n. said the council\n".repeat(60);
    "The bridge opens".clone_into(&mut english.title);
    (english.lead, english.image) = (None, None);
    vec![
        Message::Post(samples::sample()),
        Message::Post(samples::entry(samples::reading(), lead)),
        Message::Post(samples::entry(english, samples::section())),
        samples::digest(samples::several(5), "daily"),
        samples::digest(samples::several(60), "weekly"),
    ]
}

#[test]
fn a_mail_from_a_plate_is_the_mail_made_alone() {
    let channel = channel(samples::config());
    for message in messages() {
        for language in [Language::Vi, Language::En] {
            for reader in [1, 22, 4_000_000_000] {
                let job = to(reader, language, &message);
                let (_, mail) = channel.maker.message(&job).unwrap();
                let (mail, alone) =
                    (String::from_utf8(mail).unwrap(), String::from_utf8(alone(&channel, &job)).unwrap());
                assert!(mail == alone, "{mail}\n--- alone\n{alone}");
            }
        }
    }
    assert_eq!(channel.maker.plates.counts(), (10, 10), "all of them are used");
}

#[test]
fn a_template_that_makes_more_of_a_reader_is_rendered_for_each() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("email/post")).unwrap();
    let own = "{{ title }} {{ unsubscribe|length }} {{ unsubscribe|upper }}";
    std::fs::write(folder.path().join("email/post/text.txt"), own).unwrap();
    let mut config = samples::config();
    config.templates = Some(folder.path().to_owned());
    let channel = channel(config);
    let message = Message::Post(samples::sample());
    for reader in [1, 22, 333] {
        let job = to(reader, Language::Vi, &message);
        let (_, mail) = channel.maker.message(&job).unwrap();
        assert!(mail == alone(&channel, &job));
        let said = mailparse::parse_mail(&mail).unwrap().subparts[0].get_body().unwrap();
        assert!(said.contains(&format!("/U{reader}")), "{said}");
    }
    assert_eq!(channel.maker.plates.counts(), (1, 0));
}
