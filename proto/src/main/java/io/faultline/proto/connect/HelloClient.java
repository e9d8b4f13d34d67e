package io.faultline.proto.connect;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Service;
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

/** Opens the client's connections of one attempt, and runs their handshakes. */
public final class HelloClient {
  /** Of the send queue: room for requested pages and the pages prefetched with them. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(512 << 10, 2 << 20);

  private final NodeEnvironment environment;
  private final Service service;
  private final InetSocketAddress server;
  private final ByteString migrationId;
  private final Set<Capability> offered;
  private final Security security;
  private final int attempt;
  private final int channels;
  private final int silenceMillis;
  private boolean owner;

  /**
   * The result of a handshake.
   *
   * @param channel the connection
   * @param hello the server's answer
   */
  public record Answered(Channel channel, Hello hello) {}

  /**
   * @param service what the connections are for
   * @param offered the capabilities that this side offers
   * @param attempt the number of the attempt
   * @param channels the number of bulk connections
   * @param silenceMillis the silence after which this side considers the server lost
   */
  public HelloClient(
      NodeEnvironment environment,
      Service service,
      InetSocketAddress server,
      ByteString migrationId,
      Set<Capability> offered,
      Security security,
      int attempt,
      int channels,
      int silenceMillis) {
    this.environment = environment;
    this.service = service;
    this.server = server;
    this.migrationId = migrationId;
    this.offered = Set.copyOf(offered);
    this.security = security;
    this.attempt = attempt;
    this.channels = channels;
    this.silenceMillis = silenceMillis;
  }

  /** The control connection's hello says that this side has got RUN. Called before it connects. */
  public void claimOwnership() {
    owner = true;
  }

  /**
   * Opens the control connection, or a bulk connection. After the handshake its frames go to {@code
   * receiver}.
   *
   * @param channel the number of the bulk connection, from 0; 0 for the control connection
   * @param loop the event loop of the connection
   * @param key the key that both sides must prove to know; null for none
   * @return the connection; or an {@link IOException} with a message for the user
   */
  public CompletableFuture<Answered> connect(
      Role role, int channel, EventLoop loop, @Nullable SharedKey key, FrameReceiver receiver) {
    if (loop.isShuttingDown()) { // Netty would log a stack trace
      return CompletableFuture.failedFuture(new IOException("this node ends"));
    }
    CompletableFuture<Answered> result = new CompletableFuture<>();
    Frame hello = hello(role, channel);
    HelloReplyReceiver handshake =
        new HelloReplyReceiver(service, name(), hello, key, receiver, result);
    ChannelFuture connecting =
        environment
            .client()
            .group(loop)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    security.tls().ifPresent(tls -> tls.atSource(channel, server));
                    handshake.attach(channel);
                  }
                })
            .connect(server);
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

  private Frame hello(Role role, int channel) {
    Frame plain =
        Hellos.ofChannel(
            Hellos.hello(role, migrationId, offered, attempt, silenceMillis), channel, channels);
    return Hellos.withNonce(
        owner && role == service.control() ? Hellos.withOwner(plain) : plain,
        SharedKey.nonce(environment.random()),
        security.token().isPresent());
  }

  private IOException cannotConnect(Throwable cause) {
    return new IOException(
        "cannot connect to the " + service.server() + " " + name() + ": " + reason(cause), cause);
  }

  /** The text of the system error, without the address that Netty appends. */
  private static String reason(Throwable cause) {
    String message = Transport.reason(cause);
    int address = message.indexOf(": ");
    return address < 0 ? message : message.substring(0, address);
  }

  private String name() {
    return SocketAddresses.format(server);
  }
}
