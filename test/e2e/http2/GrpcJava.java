import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The other side of our gRPC in Java, with messages as bytes: "client ADDRESS PATH" makes calls and prints what came of them, "server" echoes. */
public class GrpcJava {
  static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new RuntimeException(error);
      }
    }
  }

  static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("server")) serve();
    else call(arguments[1], arguments[2]);
  }

  static void call(String address, String path) throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    MethodDescriptor<byte[], byte[]> method = method(path.substring(1));
    for (int size : new int[] {0, 1, 1000, 16384, 70000, 3000000}) {
      byte[] message = new byte[size];
      Arrays.fill(message, (byte) 7);
      System.out.println("echo " + size + " " + Arrays.equals(message, one(channel, method, message)));
    }
    CallOptions gzip = CallOptions.DEFAULT.withCompression("gzip").withDeadlineAfter(20, TimeUnit.SECONDS);
    byte[] large = new byte[500000];
    System.out.println("gzip " + Arrays.equals(large, ClientCalls.blockingUnaryCall(channel, method, gzip, large)));
    List<Future<byte[]>> many = new ArrayList<>();
    for (int i = 0; i < 200; i++)
      many.add(ClientCalls.futureUnaryCall(channel.newCall(method, CallOptions.DEFAULT), new byte[i * 500]));
    boolean right = true;
    for (int i = 0; i < 200; i++) right &= many.get(i).get().length == i * 500;
    System.out.println("many " + right);
    for (String what : new String[] {"refuse", "sleep"}) {
      try {
        CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS);
        ClientCalls.blockingUnaryCall(channel, method, soon, what.getBytes());
      } catch (StatusRuntimeException error) {
        String details = what.equals("refuse") ? " " + error.getStatus().getDescription() : "";
        System.out.println(what + " " + error.getStatus().getCode() + details);
      }
    }
    try {
      one(channel, method("no.such/Method"), new byte[0]);
    } catch (StatusRuntimeException error) {
      System.out.println("unknown " + error.getStatus().getCode());
    }
    channel.shutdownNow();
    System.exit(0);
  }

  static byte[] one(Channel channel, MethodDescriptor<byte[], byte[]> method, byte[] message) {
    return ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), message);
  }

  static void serve() throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return ServerMethodDefinition.create(
                        method(name),
                        ServerCalls.asyncUnaryCall(
                            (request, observer) -> {
                              String text = new String(request);
                              if (text.equals("refuse")) {
                                observer.onError(
                                    Status.RESOURCE_EXHAUSTED.withDescription("zu viel: 100% \u00f6fter").asException());
                              } else if (!text.equals("sleep")) {
                                observer.onNext(request);
                                observer.onCompleted();
                              }
                            }));
                  }
                })
            .build()
            .start();
    System.out.println("port " + server.getPort() + ".");
    server.awaitTermination();
  }
}
