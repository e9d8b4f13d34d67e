package io.faultline.proto.connect;

import com.google.protobuf.ByteString;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.RefusedException;
import io.faultline.proto.Service;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.HelloClient.Answered;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Challenge;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Proof;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of one connection: sends the hello, proves that this side knows the key if the
 * server challenges it, and checks that the server knows the key too. Confined to the connection's
 * loop.
 */
final class HelloReplyReceiver implements FrameReceiver {
  private static final long HELLO_TIMEOUT_SECONDS = 10;

  private final Service service;
  private final String name;
  private final Frame hello;
  private final @Nullable SharedKey key;
  private final FrameReceiver next;
  private final CompletableFuture<Answered> result;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private ByteString challenge = ByteString.EMPTY;
  private @Nullable Channel channel;

  /**
   * @param name the server's address, for messages
   * @param key the key that both sides must prove to know; null for none
   * @param next receives the frames after the handshake
   * @param result receives the connection; or an {@link IOException} with a message for the user
   */
  HelloReplyReceiver(
      Service service,
      String name,
      Frame hello,
      @Nullable SharedKey key,
      FrameReceiver next,
      CompletableFuture<Answered> result) {
    this.service = service;
    this.name = name;
    this.hello = hello;
    this.key = key;
    this.next = next;
    this.result = result;
  }

  void attach(Channel newChannel) {
    channel = newChannel;
    newChannel.pipeline().addLast(decoder);
  }

  void start() {
    Channel connected = connected();
    send(hello);
    connected
        .eventLoop()
        .schedule(
            () -> fail(new IOException("no hello within " + HELLO_TIMEOUT_SECONDS + " s")),
            HELLO_TIMEOUT_SECONDS,
            TimeUnit.SECONDS);
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (frame.hasChallenge()) {
      prove(frame.getChallenge());
      return;
    }
    Hello answer = Hellos.checkAnswer(frame, hello);
    checkProof(answer);
    decoder.handOver(next);
    result.complete(new Answered(connected(), answer));
  }

  private void prove(Challenge received) throws WireException {
    ByteString nonce = received.getNonce();
    if (nonce.size() != SharedKey.NONCE_BYTES || !challenge.isEmpty()) {
      throw new WireException("an unexpected challenge of " + nonce.size() + " bytes");
    }
    if (key == null) {
      String why =
          "the "
              + service.client()
              + " has no "
              + (received.getSessionKey() ? "session key" : "token");
      send(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build());
      throw new RefusedException(
          received.getSessionKey()
              ? "it asks for the session key of the migration, and this "
                  + service.client()
                  + " has none"
              : "it asks for a token, and this "
                  + service.client()
                  + " has none; give --token-file");
    }
    challenge = nonce;
    Hello sent = hello.getHello();
    ByteString proof = key.proof(Party.SOURCE, sent, sent.getNonce(), nonce);
    send(Frame.newBuilder().setProof(Proof.newBuilder().setHmac(proof)).build());
  }

  private void checkProof(Hello answer) throws WireException {
    if (key == null) {
      return;
    }
    ByteString nonce = hello.getHello().getNonce();
    if (challenge.isEmpty()
        || !key.isProof(answer.getProof(), Party.DESTINATION, answer, nonce, challenge)) {
      throw new WireException(
          hello.getHello().getToken()
              ? "it does not prove that it knows the token"
              : "it does not prove that it is the "
                  + service.server()
                  + " that the migration began with");
    }
  }

  @Override
  public void closed(Throwable cause) {
    fail(cause);
  }

  private void send(Frame frame) {
    connected().writeAndFlush(FrameWriter.frame(connected().alloc(), frame));
  }

  private void fail(Throwable cause) {
    String what =
        cause instanceof RefusedException
            ? " refused: "
            : " does not answer as a Faultline " + service.server() + ": ";
    String why = name + what + cause.getMessage();
    if (result.completeExceptionally(new IOException(why, cause))) {
      connected().close();
    }
  }

  private Channel connected() {
    return Objects.requireNonNull(channel, "not connected");
  }
}
