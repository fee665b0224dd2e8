//! The other side of our gRPC in Rust, with messages as bytes: "client ADDRESS PATH" makes calls and prints what came of them,
//! "server PORT" echoes.
use bytes::{Buf, BufMut};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tonic::body::BoxBody;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::{self, uri::PathAndQuery};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
struct Raw;

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn encode(&mut self, item: Vec<u8>, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; source.remaining()];
        source.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;
    fn encoder(&mut self) -> Raw {
        Raw
    }
    fn decoder(&mut self) -> Raw {
        Raw
    }
}

async fn one(
    channel: &Channel,
    path: &str,
    message: Vec<u8>,
    gzip: bool,
    seconds: u64,
) -> Result<Vec<u8>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    if gzip {
        grpc = grpc.send_compressed(CompressionEncoding::Gzip);
    }
    grpc.ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let mut request = Request::new(message);
    request.set_timeout(Duration::from_secs(seconds));
    let path: PathAndQuery = path.parse().expect("a path");
    grpc.unary(request, path, Raw)
        .await
        .map(Response::into_inner)
}

async fn call(address: &str, path: &str) {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
    let channel = endpoint.connect().await.expect("a connection");
    for size in [0, 1, 1000, 16384, 70000, 3000000] {
        let message = vec![7; size];
        let right = one(&channel, path, message.clone(), false, 20).await.ok() == Some(message);
        println!("echo {size} {right}");
    }
    let large = vec![0; 500000];
    println!(
        "gzip {}",
        one(&channel, path, large.clone(), true, 20).await.ok() == Some(large)
    );
    let mut many = tokio::task::JoinSet::new();
    for i in 0..200usize {
        let (channel, path) = (channel.clone(), path.to_owned());
        many.spawn(async move {
            one(&channel, &path, vec![i as u8; i * 500], false, 20)
                .await
                .ok()
                == Some(vec![i as u8; i * 500])
        });
    }
    println!(
        "many {}",
        many.join_all().await.into_iter().all(|right| right)
    );
    for what in ["refuse", "sleep"] {
        if let Err(status) = one(&channel, path, what.into(), false, 1).await {
            println!(
                "{what} {:?} {}",
                status.code(),
                if what == "refuse" {
                    status.message()
                } else {
                    ""
                }
            );
        }
    }
    if let Err(status) = one(&channel, "/no.such/Method", vec![], false, 20).await {
        println!("unknown {:?}", status.code());
    }
}

#[derive(Clone)]
struct Echo;

impl tonic::server::UnaryService<Vec<u8>> for Echo {
    type Response = Vec<u8>;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Status>> + Send>>;
    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move {
            let message = request.into_inner();
            match message.as_slice() {
                b"refuse" => return Err(Status::resource_exhausted("zu viel: 100% öfter")),
                b"sleep" => tokio::time::sleep(Duration::from_secs(5)).await,
                _ => {}
            }
            Ok(Response::new(message))
        })
    }
}

impl tonic::server::NamedService for Echo {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl tonic::codegen::Service<http::Request<BoxBody>> for Echo {
    type Response = http::Response<BoxBody>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, request: http::Request<BoxBody>) -> Self::Future {
        Box::pin(async move {
            let mut grpc =
                tonic::server::Grpc::new(Raw).accept_compressed(CompressionEncoding::Gzip);
            Ok(grpc.unary(Echo, request).await)
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "client" {
        return call(&arguments[2], &arguments[3]).await;
    }
    let address = format!("127.0.0.1:{}", arguments[2])
        .parse()
        .expect("a port");
    println!("port {}.", arguments[2]);
    Server::builder()
        .add_service(Echo)
        .serve(address)
        .await
        .expect("a server");
}
