//! German.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    lang: "de",
    is_rtl: false,
    labels: [
        "Kartennummer",
        "Gültig bis",
        "Prüfnummer",
        "Name auf der Karte",
        "Postleitzahl",
    ],
    optional: "freiwillig",
    cvc_hint: [
        "3 Ziffern auf der Rückseite der Karte",
        "4 Ziffern auf der Vorderseite der Karte",
    ],
    assurance: "Wird hier versiegelt, bevor es Ihr Gerät verlässt",
    unavailable: "Das Kartenformular kann gerade nicht angezeigt werden.",
    brand_not_accepted: "Karten dieser Marke werden hier nicht angenommen.",
    brand_unknown: "Keine Karte beginnt mit diesen Ziffern. Prüfen Sie die Nummer.",
    cvc_invalid: "Geben Sie alle Ziffern der Prüfnummer ein.",
    expired: "Diese Karte ist abgelaufen.",
    expiry_invalid: "Geben Sie das Ablaufdatum als Monat und Jahr ein.",
    name_invalid: "Geben Sie den Namen ein, wie er auf der Karte steht.",
    number_incomplete: "Die Kartennummer ist unvollständig.",
    number_invalid: "Die Kartennummer stimmt nicht. Prüfen Sie die Ziffern.",
    offline: "Keine Verbindung. Versuchen Sie es gleich noch einmal.",
    outdated: "Diese Seite ist zu lange offen. Laden Sie sie neu.",
    postal_code_invalid: "Prüfen Sie die Postleitzahl.",
    session_changed: "Die Bestellung hat sich geändert. Prüfen Sie den Betrag und zahlen Sie erneut.",
    test_card: "Dies ist eine Testkarte. Nehmen Sie eine echte.",
    other: "Die Karte konnte nicht übermittelt werden.",
};
