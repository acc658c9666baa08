//! Spanish.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    lang: "es",
    is_rtl: false,
    labels: [
        "Número de tarjeta",
        "Fecha de caducidad",
        "Código de seguridad",
        "Nombre en la tarjeta",
        "Código postal",
    ],
    optional: "opcional",
    cvc_hint: [
        "3 cifras al dorso de la tarjeta",
        "4 cifras en el anverso de la tarjeta",
    ],
    assurance: "Se sella aquí, antes de salir de su dispositivo",
    unavailable: "El formulario de tarjeta no se puede mostrar en este momento.",
    brand_not_accepted: "Aquí no se aceptan tarjetas de esta marca.",
    brand_unknown: "Ninguna tarjeta empieza por estas cifras. Compruebe el número.",
    cvc_invalid: "Introduzca todas las cifras del código de seguridad.",
    expired: "Esta tarjeta ha caducado.",
    expiry_invalid: "Introduzca el mes y el año de caducidad.",
    name_invalid: "Introduzca el nombre tal como figura en la tarjeta.",
    number_incomplete: "El número de tarjeta está incompleto.",
    number_invalid: "El número de tarjeta no es correcto. Compruebe las cifras.",
    offline: "No hay conexión. Inténtelo de nuevo en un momento.",
    outdated: "Esta página lleva demasiado tiempo abierta. Vuelva a cargarla.",
    postal_code_invalid: "Compruebe el código postal.",
    session_changed: "El pedido ha cambiado. Compruebe el importe y pague de nuevo.",
    test_card: "Es una tarjeta de prueba. Use una real.",
    other: "No se pudo enviar la tarjeta.",
};
