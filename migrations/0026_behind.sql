-- Who has not come as far as a section is found without looking at those who have, however many follow it.
CREATE INDEX subscriptions_behind ON subscriptions (section_id, cadence, cursor) WHERE active;
