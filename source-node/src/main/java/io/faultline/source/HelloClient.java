package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
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

/** Opens connections of one attempt to the destination and sees their hellos through. */
final class HelloClient {
  /** Of urgent pages, with room for what is brought along behind them. */
  private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(512 << 10, 2 << 20);

  private final NodeEnvironment host;
  private final InetSocketAddress destination;
  private final ByteString migrationId;
  private final Set<Capability> asked;
  private final Security security;
  private final int attempt;
  private final int channels;
  private final int silenceMillis;

  /** What came of a hello: a connection, and the answer. */
  record Answered(Channel channel, Hello hello) {}

  /**
   * @param asked what the source can and would do
   * @param attempt what hellos tell, as how many bulk connections there are, and the silence
   */
  HelloClient(
      NodeEnvironment host,
      InetSocketAddress destination,
      ByteString migrationId,
      Set<Capability> asked,
      Security security,
      int attempt,
      int channels,
      int silenceMillis) {
    this.host = host;
    this.destination = destination;
    this.migrationId = migrationId;
    this.asked = Set.copyOf(asked);
    this.security = security;
    this.attempt = attempt;
    this.channels = channels;
    this.silenceMillis = silenceMillis;
  }

  /**
   * Connects for a role, on a loop; from the answer on, frames go to {@code receiver}.
   *
   * @param channel which of the bulk connections it is, from 0; 0 for the control connection
   * @param key what the source proves itself with, and the destination to it; null for nothing
   * @return the connection, or an {@link IOException} with a message for a person
   */
  CompletableFuture<Answered> connect(
      Role role, int channel, EventLoop loop, @Nullable SharedKey key, FrameReceiver receiver) {
    CompletableFuture<Answered> result = new CompletableFuture<>();
    Frame hello =
        Hellos.withNonce(
            Hellos.ofChannel(
                Hellos.hello(role, migrationId, asked, attempt, silenceMillis), channel, channels),
            SharedKey.nonce(host.random()),
            security.token().isPresent());
    HelloReplyReceiver answer = new HelloReplyReceiver(name(), hello, key, receiver, result);
    ChannelFuture connecting =
        host.client()
            .group(loop)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    security.tls().ifPresent(tls -> tls.atSource(channel, destination));
                    answer.attach(channel);
                  }
                })
            .connect(destination);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            answer.start();
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

  /** What the system said, without the call before it and the address behind it. */
  private static String reason(Throwable cause) {
    String message = Transport.reason(cause);
    int address = message.indexOf(": ");
    return address < 0 ? message : message.substring(0, address);
  }

  private String name() {
    return destination.getHostString() + ":" + destination.getPort();
  }
}
