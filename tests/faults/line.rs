//! One connection to a verifier that may end at any moment.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A connection, made when it is first needed.
pub(crate) struct Line {
    to: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// No answer came: whether the request was carried out is not known.
#[derive(Debug)]
pub(crate) struct Cut;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Line {
    pub(crate) const fn new(to: SocketAddr) -> Self {
        Self { to, sender: None }
    }

    /// Sends `request` and reads its whole answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Cut> {
        let answer = self.try_send(request).await;
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    async fn try_send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Cut> {
        let sender = match &mut self.sender {
            Some(sender) => sender,
            none => {
                let stream = TcpStream::connect(self.to).await.map_err(|_| Cut)?;
                stream.set_nodelay(true).map_err(|_| Cut)?;
                let (sender, driver) = handshake(TokioIo::new(stream)).await.map_err(|_| Cut)?;
                // Ends when the sender is dropped.
                tokio::spawn(driver);
                none.insert(sender)
            }
        };
        sender.ready().await.map_err(|_| Cut)?;
        let answer = sender.send_request(request).await.map_err(|_| Cut)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|_| Cut)?;
        // A body that is cut off is no answer.
        let body = serde_json::from_slice(&body.to_bytes()).map_err(|_| Cut)?;
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// Asserts problem details and gives their code.
    #[track_caller]
    pub(crate) fn problem(&self) -> &str {
        let body = &self.body;
        assert_eq!(body["status"], self.status.as_u16(), "{body}");
        assert!(body["request_id"].is_string() && body["title"].is_string());
        body["code"].as_str().expect("a code")
    }
}
