//! The outbox: releases are expanded into deliveries, deliveries are claimed, sent and settled.
