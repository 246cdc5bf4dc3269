# What readers and staff see, in English. vi.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = All sections
feed-all-language = All news in English
feed-description = New articles by { $publisher } in the section { $name }.
feed-description-all = New articles by { $publisher } in all sections.

# Pages: the frame.
page-skip = Skip to the content
page-language = Language
page-more = More links
page-sections = Sections
page-by-email = News by e-mail
page-opml = List of feeds (OPML)
page-status = Status
page-privacy = Privacy

# Pages: sections.
page-sections-intro = Every section has a feed of its own. Follow what interests you in a feed reader or by e-mail.
page-no-sections = There are no sections yet.
page-no-articles = There are no articles yet.
page-email = E-mail
page-feed-of = { $kind } feed of the section { $name }
page-email-of = New articles of the section { $name } by e-mail
page-telegram-of = Telegram channel { $chat } of the section { $name }
page-all-text = One feed for everything. Follow either this one or single sections: some readers show each article only once.
page-on-site = The section on the website
page-latest = Back to the latest articles
page-follow = Follow this section
page-what-is-a-feed = A feed is an address that a feed reader (Feedly, Thunderbird, NetNewsWire and others) visits for you: you see new articles as they come, without an account.
page-feed-address = Address to paste into your reader:
page-how-to-follow = How to follow with a feed reader
page-readers = Or open it in a reading service:
page-qr = QR code of the RSS feed
page-qr-text = Scan it with your phone to add the feed to an app.
page-search = Search this section
page-search-button = Search
page-found = Articles with “{ $words }”:
page-found-nothing = No article has “{ $words }”.
page-all-articles = Show all articles
page-read-on-site = Read it on the website
page-more-of-section = More of this section
page-whole-article = Read the whole article
page-older = Older articles

# Pages: subscribing.
page-subscribe = News by e-mail
page-subscribe-intro = Choose sections and how often. We send you one mail to confirm; until you do, nothing else is sent.
page-your-email = E-mail address
page-which-sections = Sections
page-how-often = How often
page-cadence-now = As soon as an article appears
page-cadence-daily = One mail a day
page-cadence-weekly = One mail a week
page-digest-hour = Hour of digests
page-digests = Digests and language
page-digest-day = Day of the weekly digest
page-digest-zone = Time zone
page-digest-usual = As usual
page-weekday-1 = Monday
page-weekday-2 = Tuesday
page-weekday-3 = Wednesday
page-weekday-4 = Thursday
page-weekday-5 = Friday
page-weekday-6 = Saturday
page-weekday-7 = Sunday
page-cadence-none = Nothing
page-mail-language = Language of the mails
page-consent = I agree to receive mails from { $publisher } about the chosen sections. I can stop at any time with the link in every mail.
page-subscribe-button = Subscribe
page-error = Error
page-error-email = Please enter a valid e-mail address, for example name@example.org.
page-error-section = Please choose at least one section.
page-error-form = The form was sent too quickly or was open for too long. Please press Subscribe once more.
page-sent = Please look into your mailbox
page-sent-text = If the address is right, a mail to confirm it is on its way. Please open the link in it within 48 hours. No mail? Look into the spam folder; an address gets at most one such mail a day.
page-no-email = No news by e-mail
page-no-email-text = News by e-mail is not offered here. You can still follow the sections with a feed reader.

# Pages: the links in mails.
page-confirm = Confirm your subscription
page-confirm-text = Press the button to begin. If you changed your mind, simply close this page: nothing will be sent.
page-confirm-button = Yes, send me the news
page-not-you = Was it not you?
page-not-you-text = If somebody uses your address against your will, we erase it and never send a confirmation there again.
page-never-button = Never write to this address
page-never = It is noted
page-never-text = The address is erased. Nothing will be sent there again, whoever enters it.
page-confirmed = You are subscribed
page-confirmed-text = Thank you. From now on you will receive new articles.
page-expired = This link is no longer valid
page-expired-text = A link to confirm holds for 48 hours, and only the latest one works. Please subscribe again to get a new one.
page-unknown-link = This link is not right
page-unknown-link-text = Perhaps it was broken over two lines in the mail. Please copy the whole link, or click it in the mail itself.
page-unsubscribe = Unsubscribe
page-unsubscribe-text = Press the button and you will receive no more mails.
page-unsubscribe-button = Unsubscribe from everything
page-unsubscribe-one = Unsubscribe from one section only
page-unsubscribe-all = Unsubscribe from everything
page-left = You are unsubscribed
page-left-text = We will send you no more mails. If that was a mistake, you can choose sections again.
page-left-section = You are unsubscribed from this section
page-left-section-text = The other sections are sent as before.
page-unsubscribe-none = No mails are being sent to you at present.
page-pause = Take a break
page-pause-text = No mails for 30 days; after that they begin again by themselves. What is published meanwhile is not sent later.
page-pause-button = Pause for 30 days
page-paused = Your mails are paused
page-paused-text = You will get no mails for 30 days. You can begin again sooner in your preferences.
page-paused-until = Your mails are paused until { $date }.
page-resume-button = Begin again now
page-resumed = Your mails begin again
page-resumed-text = From now on you will receive new articles again.
page-nothing-to-do = Nothing has changed
page-nothing-to-do-text = This was done before, or is not possible at present.
page-own-data = Your data
page-own-data-text = We keep your address, your choices, your consent and a list of the mails of the last 30 days. We do not track what you read.
page-export-button = Download my data
page-erase = Erase my data
page-erase-text = Your address, choices, consent and the history of your mails are erased at once and for good. You will receive no more mails.
page-erase-button = Erase everything
page-erase-not = Keep it and go back
page-erased = Your data is erased
page-erased-text = We keep nothing about you any more. You can subscribe again at any time.
page-preferences = Your preferences
page-preferences-intro = Choose how often for each section. Choosing none means to unsubscribe.
page-save = Save
page-saved = Saved.
page-to-preferences = Your preferences
page-to-subscribe = Subscribe again

# Pages: when something is not there.
page-not-found = Page not found
page-not-found-text = There is nothing at this address. Perhaps it was mistyped.
page-gone = This section is gone
page-gone-text = The section was removed and has no new articles.
page-withdrawn = This article was withdrawn
page-withdrawn-text = Its publisher took it off the website.
page-unavailable = This page cannot be shown right now
page-unavailable-text = Please try again in a few minutes. The feeds work as usual.
page-too-often = Too many requests
page-too-often-text = There were too many requests from your network. Please try again later.

# Pages: status.
page-status-well = All is well.
page-status-trouble = Something is not well. The feeds are served with their latest content.
page-section = Section
page-condition = Condition
page-last-look = Last look
page-next-look = Next look
page-backs-off = slots are left out after trouble
page-way = Read by
page-section-well = Well
page-section-trouble = Could not be read
page-section-new = Not looked at yet
page-outbox = Outbox
page-section-paused = Paused
page-chart-text = Each bar is the number of articles of one of the last 14 days; the last one is today.
page-chart-sum = { $count ->
    [one] { $count } article in 14 days
   *[other] { $count } articles in 14 days
}
page-hold-count = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
page-at-once = less than a second
page-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
page-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
page-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
page-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
page-chart-label = Articles a day in the last 14 days: { $days }
page-pace = How fast news reaches you
page-pace-published = From publishing to delivery it usually takes { $time }.
page-pace-found = From the moment bantin sees an article it usually takes { $time }.
page-pace-caption = { $count ->
    [one] The last article sent, by the time it took
   *[other] The last { $count } articles sent, by the time it took
}
page-pace-time = Time
page-pace-articles = Articles
page-within-minute = Under a minute
page-within-minutes = 1 to 5 minutes
page-within-half-hour = 5 to 30 minutes
page-within-hours = 30 minutes to 3 hours
page-later = Longer
page-looks = The last looks
page-look-unchanged = nothing had changed
page-look-found = { $listed } articles listed, { $new } new
page-holds = Waiting for a decision
page-no-holds = Nothing is held.
page-no-queue = The queue is empty.
page-channel = Channel
page-messages = Messages
page-admin = Details for admins
page-admin-token = Admin token
page-admin-button = Show the details
page-admin-wrong = This token is not right.

## Telegram
telegram-read = Read
telegram-more = … and { $more } more
telegram-digest = { $count ->
    [one] { $count } new article
   *[other] { $count } new articles
}
telegram-other = English
telegram-withdrawn = This article was withdrawn
telegram-test = A test from bantin
telegram-test-body = This chat receives the news of { $organisation }. Nothing more to do.

## Mails
mail-read = Read on the website
mail-read-more = Read on
mail-too-long = This is a long article; please read the whole of it on the website.
mail-by = By { $name }
mail-why = You receive this mail because you subscribed to the news of { $organisation }.
mail-why-section = You receive this mail because you subscribed to “{ $section }” of { $organisation }.
mail-unsubscribe = Unsubscribe
mail-preferences = Preferences
mail-privacy = Privacy
mail-view = View in browser
mail-correction = Correction.
mail-correction-text = This article was corrected after it was sent to you. This is what it says now.
mail-correction-subject = Correction: { $title }
mail-farewell-subject = Unsubscribed: news of { $organisation }
mail-farewell-title = Goodbye, and thank you
mail-farewell-body = You are unsubscribed from the news of { $organisation }. This is the last mail to this address.
mail-farewell-back = If it was not you, or you change your mind, choose your sections again here:
mail-farewell-button = Choose sections again
mail-digest-daily = Daily news
mail-digest-weekly = Weekly news
mail-digest-subject = { $name } { $date }: { $title }
mail-digest-subject-more = { $name } { $date }: { $title } and { $more } more
mail-digest-count = { $count ->
    [one] { $count } new article
   *[other] { $count } new articles
}
mail-digest-rest = Also new
mail-digest-more = … and { $more } more on the website
mail-confirm-subject = Please confirm: news of { $organisation }
mail-confirm-title = One more step
mail-confirm-body = This address was just used to subscribe to the news of { $organisation }. If that was you, open the confirmation page and press the button there.
mail-confirm-sections = Sections chosen:
mail-confirm-button = Open the confirmation page
mail-confirm-link = If the button does not work, copy this address into your browser:
mail-confirm-ignore = If it was not you, ignore this mail: nothing more will be sent and the address will be deleted.
mail-test-subject = A test mail from bantin
mail-test-title = The mail arrived
mail-test-body = This is a test mail from { $organisation }. If you can read the letters Ậ Ễ Ộ Ữ Ỵ, all is well.

## Alerts for admins

alert-articles = { $count ->
    [one] { $section }: { $count } new article is held
   *[other] { $section }: { $count } new articles are held
}
alert-edits = { $count ->
    [one] { $section }: { $count } edit is held
   *[other] { $section }: { $count } edits are held
}
alert-withdrawals = { $count ->
    [one] { $section }: { $count } withdrawal is held
   *[other] { $section }: { $count } withdrawals are held
}
alert-list = { $section }: the source shows another list; nothing of it is taken in
alert-unwell = { $section }: the source is not well
alert-unwell-many = The sources of { $count } sections are not well
alert-more = … and { $more } more
alert-decide = Your decision: bantin holds approve { $hold } (let it out) or bantin holds seen { $hold } (push nothing).
alert-decide-digest = Your decision: bantin holds approve { $hold } (push them), bantin holds digest { $hold } (one digest) or bantin holds seen { $hold } (push nothing). Feeds show them already.
alert-asks = { $count ->
    [one] One message waits for your decision
   *[other] { $count } messages wait for your decision
}
alert-asks-why = They may have arrived or not: the link was cut after they were sent, or bantin was stopped. Nothing is sent again unless you say so.
alert-asks-decide = bantin deliveries list --state uncertain, then bantin deliveries retry or drop
alert-until = Without a decision it is marked as seen on { $until }.
hold-words = { $words }
hold-run = { $new } new articles in one look; by the section's past { $most } are plausible
hold-run-set = { $new } new articles in one look, more than `guard.run = { $most }`
hold-day = { $new } new articles in 24 hours; by the section's past { $most } are plausible
hold-day-set = { $new } new articles in 24 hours, more than `guard.day = { $most }`
hold-moved = { $moved } of { $listed } listed articles stand under new addresses; the others may be old ones too
hold-late = published while bantin could not look, and older than `guard.fresh` now; digests have them
hold-restored = newer than the database, which was restored or lost; they may have been pushed before
hold-edits = { $changed } articles changed within an hour; up to { $most } are let out
hold-withdrawals = { $changed } articles are gone from the site within an hour; up to { $most } are taken as withdrawn

## Bot
bot-stranger = Hello. This bot only sends news; read and subscribe at { $pages }
bot-not-allowed = This button is for admins.
bot-help = Orders: /status · /holds · /pause SECTION · /resume SECTION · /retract ARTICLE · /push ARTICLE [CHAT]. ARTICLE is an address or a number.
bot-well = well
bot-paused-state = paused
bot-queue = Waiting to be sent: { $count }
bot-held = Held: { $count } (/holds)
bot-resting = { $chat } rests: { $reason }
bot-no-holds = Nothing is held.
bot-hold = { $section }: { $count ->
    [one] { $count } article is held
   *[other] { $count } articles are held
}
bot-approve = Approve
bot-as-digest = One digest
bot-dismiss = Dismiss
bot-approved = Approved: { $count ->
    [one] { $count } article goes out
   *[other] { $count } articles go out
}.
bot-digest = { $count ->
    [one] { $count } article goes
   *[other] { $count } articles go
} out as one digest.
bot-seen = Dismissed: { $count }. Nothing is pushed.
bot-decided = This has been decided already.
bot-no-digest = This cannot become a digest.
bot-no-section = There is no section { $section }.
bot-paused = { $section }: paused. /resume { $section } goes on.
bot-resumed = { $section }: looked at again.
bot-no-article = There is no such article.
bot-retracted = Withdrawn: it leaves the feeds, its posts are deleted.
bot-retracted-before = It was withdrawn before.
bot-pushed = Queued for { $count ->
    [one] { $count } chat
   *[other] { $count } chats
}.
bot-pushed-before = It was sent there before, or is on its way.
alert-resting = { $chat } takes no messages any more: { $reason }
alert-resting-remedy = It rests; messages wait for a day at most, and once an hour one is tried. Make the bot an administrator of the chat again.
alert-refused = Telegram refuses the bot: { $reason }
alert-refused-remedy = Nothing is lost. Get a new token from @BotFather and restart bantin.
alert-refused-well = Telegram takes the bot again.
alert-resting-well = { $chat } rests no more.
alert-source-well = { $section }: the source is well again.
alert-config = The configuration's files are broken; the one of { $since } stays in force. { $mistake }
alert-config-remedy = Nothing is lost. bantin check tells everything that is wrong with them; what is mended is taken within seconds.
alert-config-well = The configuration's files are in force again.
alert-disk = { $place } has only { $free } of room left.
alert-disk-remedy = When it is full nothing can be recorded, and so nothing is sent. Make room, or shorten [retention] (bantin status tells what takes how much).
alert-disk-well = { $place } has room again.
alert-store = The database cannot be used: { $reason }
alert-store-remedy = Nothing is sent while it is away, and nothing is lost; feeds are served as they were. Is its disk full, its server running? bantin goes on by itself.
alert-store-well = The database can be used again.
alert-feeds = The feeds cannot be written: { $reason }
alert-feeds-remedy = The last good ones are served. Look at the folder of [feeds] directory: its disk, its rights.
alert-feeds-well = The feeds are written again.
alert-relay = The relay { $relay } takes no mail: { $reason }
alert-relay-remedy = Mails wait, and none is lost; another relay takes over where there is one. Look at [email] smtp, or ask the relay's operator; bantin check tries the login.
alert-relay-well = The relay { $relay } takes mail again.
alert-bounces = The mailbox of mails that come back cannot be read: { $reason }
alert-bounces-remedy = Addresses that are gone are not found meanwhile. Look at [email.bounces]; bantin check tries the login.
alert-bounces-well = The mailbox of mails that come back can be read again.
alert-dead = { $count } messages could not be delivered within an hour; the last one: { $reason }
alert-dead-remedy = They stay until you decide: bantin deliveries list --state dead, then bantin deliveries retry or drop.
alert-dead-well = No messages have been given up for an hour.
