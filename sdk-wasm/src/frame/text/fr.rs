//! French.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    lang: "fr",
    is_rtl: false,
    labels: [
        "Numéro de carte",
        "Date d’expiration",
        "Cryptogramme",
        "Nom sur la carte",
        "Code postal",
    ],
    optional: "facultatif",
    cvc_hint: [
        "3 chiffres au dos de la carte",
        "4 chiffres au recto de la carte",
    ],
    assurance: "Scellé ici, avant de quitter votre appareil",
    unavailable: "Le formulaire de carte ne peut pas être affiché pour le moment.",
    brand_not_accepted: "Les cartes de cette marque ne sont pas acceptées ici.",
    brand_unknown: "Aucune carte ne commence par ces chiffres. Vérifiez le numéro.",
    cvc_invalid: "Saisissez tous les chiffres du cryptogramme.",
    expired: "Cette carte a expiré.",
    expiry_invalid: "Saisissez le mois et l’année d’expiration.",
    name_invalid: "Saisissez le nom tel qu’il figure sur la carte.",
    number_incomplete: "Le numéro de carte est incomplet.",
    number_invalid: "Le numéro de carte n’est pas correct. Vérifiez les chiffres.",
    offline: "Pas de connexion. Réessayez dans un instant.",
    outdated: "Cette page est ouverte depuis trop longtemps. Rechargez-la.",
    postal_code_invalid: "Vérifiez le code postal.",
    session_changed: "La commande a changé. Vérifiez le montant, puis payez de nouveau.",
    test_card: "Ceci est une carte de test. Utilisez une vraie carte.",
    other: "La carte n’a pas pu être envoyée.",
};
