# What readers and staff see, in English. vi.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = All sections
feed-all-language = All news in English
feed-description = New articles by { $publisher } in the section { $name }.
feed-description-all = New articles by { $publisher } in all sections.

## Telegram
telegram-read = Read
telegram-more = … and { $more } more
telegram-digest = { $count ->
    [one] { $count } new article
   *[other] { $count } new articles
}
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
