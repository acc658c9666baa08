//! What fifty purchases leave behind in PostgreSQL's data folder: no PAN and no CVC, in no form.

use waxseal_tests::{Checkout, Planted, TestVerifier, Traces, card, sealed};
use waxseal_verifier::mode::Mode;
use zeroize::Zeroizing;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_purchases_leave_no_pan_and_no_cvc_in_the_data_folder() {
    let server = Server::make();
    let verifier = TestVerifier::start_on(server.database("traces")).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let planted = Planted::new();
    let folder = server.data();
    let [mut running, mut stopped] = [0, 1].map(|_| Traces::new_in(&planted, &[&folder]));
    for (number, (pan, cvc)) in planted.pans.iter().zip(&planted.cvcs).enumerate() {
        let mut request = shop.session_request();
        request["order_id"] = format!("{}-{number}", planted.order).into();
        let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
        let mut fields = card(pan);
        fields.cvc = Some(Zeroizing::new(cvc.clone()));
        let envelope = checkout.seal(&sealed(fields));
        let answer = checkout.submit(&verifier, &envelope).await;
        assert_eq!(answer.status.as_u16(), 200);
    }
    running.look_into(&[&folder]);
    running.assert_none("files while it runs");
    server.stop("fast");
    stopped.look_into(&[&folder]);
    stopped.assert_none("files after it has stopped");
}
