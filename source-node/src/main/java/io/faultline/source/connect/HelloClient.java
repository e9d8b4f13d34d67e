package io.faultline.source.connect;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Opens the connections of one attempt to the destination, and runs their handshakes. */
public final class HelloClient {
  /** Of the send queue: room for requested pages and the pages prefetched with them. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(512 << 10, 2 << 20);

  private final NodeEnvironment environment;
  private final InetSocketAddress destination;
  private final ByteString migrationId;
  private final Set<Capability> offered;
  private final Security security;
  private final int attempt;
  private final int channels;
  private final int silenceMillis;

  /**
   * The result of a handshake.
   *
   * @param channel the connection
   * @param hello the destination's answer
   */
  public record Answered(Channel channel, Hello hello) {}

  /**
   * @param offered the capabilities that the source offers
   * @param attempt the number of the attempt
   * @param channels the number of bulk connections
   * @param silenceMillis the silence after which this source considers the destination lost
   */
  public HelloClient(
      NodeEnvironment environment,
      InetSocketAddress destination,
      ByteString migrationId,
      Set<Capability> offered,
      Security security,
      int attempt,
      int channels,
      int silenceMillis) {
    this.environment = environment;
    this.destination = destination;
    this.migrationId = migrationId;
    this.offered = Set.copyOf(offered);
    this.security = security;
    this.attempt = attempt;
    this.channels = channels;
    this.silenceMillis = silenceMillis;
  }

  /**
   * Opens a connection. After the handshake its frames go to {@code receiver}.
   *
   * @param channel the number of the bulk connection, from 0; 0 for the control connection
   * @param loop the event loop of the connection
   * @param key the key that both sides must prove to know; null for none
   * @return the connection; or an {@link IOException} with a message for the user
   */
  public CompletableFuture<Answered> connect(
      Role role, int channel, EventLoop loop, @Nullable SharedKey key, FrameReceiver receiver) {
    CompletableFuture<Answered> result = new CompletableFuture<>();
    Frame hello =
        Hellos.withNonce(
            Hellos.ofChannel(
                Hellos.hello(role, migrationId, offered, attempt, silenceMillis),
                channel,
                channels),
            SharedKey.nonce(environment.random()),
            security.token().isPresent());
    HelloReplyReceiver handshake = new HelloReplyReceiver(name(), hello, key, receiver, result);
    ChannelFuture connecting =
        environment
            .client()
            .group(loop)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    security.tls().ifPresent(tls -> tls.atSource(channel, destination));
                    handshake.attach(channel);
                  }
                })
            .connect(destination);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            handshake.start();
          } else {
            result.completeExceptionally(cannotConnect(done.cause()));
          }
        });
    return result;
  }

  private IOException cannotConnect(Throwable cause) {
    return new IOException(
        "cannot connect to the destination " + name() + ": " + reason(cause), cause);
  }

  /** The text of the system error, without the address that Netty appends. */
  private static String reason(Throwable cause) {
    String message = Transport.reason(cause);
    int address = message.indexOf(": ");
    return address < 0 ? message : message.substring(0, address);
  }

  private String name() {
    return SocketAddresses.format(destination);
  }
}
