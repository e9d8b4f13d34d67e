package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.security.MutualTls;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Challenge;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Proof;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees one incoming connection's hello through, and its proof where one is asked for. Strangers are
 * turned away, and touch nothing: until it is accepted, a connection has headers of 4 KiB and five
 * seconds in all, however it divides them.
 */
final class HelloServer implements FrameReceiver {
  /** For TLS, the hello and the proof together. */
  static final long HELLO_TIMEOUT_SECONDS = 5;

  private final Channel channel;
  private final Reception reception;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final ScheduledFuture<?> timeout;

  // Once it has said hello and was asked to prove itself.
  private @Nullable Peer peer;
  private @Nullable SharedKey key;
  private ByteString challenge = ByteString.EMPTY;

  /** Decides about hellos; called on the connection's loop. */
  interface Reception {
    /**
     * What a caller has to prove that it knows; null for nothing.
     *
     * @throws WireException where it is refused
     */
    @Nullable SharedKey keyFor(Hello hello) throws WireException;

    /** New random bytes that nobody can guess. */
    ByteString nonce();

    /** Whether that is a token, and no session key. */
    boolean hasToken();

    /**
     * Takes a connection in: moves it to the loop of its role, with {@code decoder} handing its
     * frames to a new receiver, and then answers the hello.
     *
     * @throws WireException where it is refused
     */
    void accept(Channel channel, FrameDecoder decoder, Peer peer) throws WireException;

    /** A connection was turned away before it was accepted. */
    void turnedAway(Channel channel, Throwable why);

    /** A connection has been accepted or turned away, or is gone: once for each. */
    void settled();
  }

  HelloServer(Channel channel, Reception reception) {
    this.channel = channel;
    this.reception = reception;
    this.timeout =
        channel.eventLoop().schedule(this::tooLate, HELLO_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  FrameDecoder decoder() {
    return decoder;
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (frame.hasFailure()) {
      throw new WireException("it gave up: " + Hellos.printable(frame.getFailure().getMessage()));
    }
    if (peer == null) {
      greet(Hellos.checkHello(frame));
    } else {
      admit(check(frame, peer));
    }
  }

  private void greet(Hello hello) throws WireException {
    Peer unproven = Peer.unproven(hello, MutualTls.subject(channel).orElse(""));
    key = reception.keyFor(hello);
    if (key == null) {
      admit(unproven);
      return;
    }
    if (hello.getNonce().size() != SharedKey.NONCE_BYTES) {
      throw new WireException("a hello without random bytes, which no proof can be made with");
    }
    peer = unproven;
    challenge = reception.nonce();
    Challenge.Builder ask = Challenge.newBuilder().setNonce(challenge);
    send(Frame.newBuilder().setChallenge(ask.setSessionKey(!reception.hasToken())).build());
  }

  private Peer check(Frame frame, Peer unproven) throws WireException {
    Proof proof = frame.getProof();
    if (!frame.hasProof()) {
      throw new WireException("a " + frame.getBodyCase() + " frame where a proof was due");
    }
    SharedKey asked = Objects.requireNonNull(key, "a challenge without a key");
    Hello hello = unproven.hello();
    if (!asked.isProof(proof.getHmac(), Party.SOURCE, hello, hello.getNonce(), challenge)) {
      throw new WireException(
          hello.getToken()
              ? "the source's token is not the one of this destination"
              : "the source does not prove that it is the one that the migration began with");
    }
    return unproven.proven(asked, challenge);
  }

  private void admit(Peer known) throws WireException {
    timeout.cancel(false);
    reception.accept(channel, decoder, known);
    reception.settled();
  }

  @Override
  public void closed(Throwable cause) {
    timeout.cancel(false);
    if (channel.isActive()) {
      refuse(String.valueOf(cause.getMessage()));
    }
    reception.settled();
    reception.turnedAway(channel, cause);
  }

  private void tooLate() {
    if (channel.isActive()) {
      String why = "no hello within " + HELLO_TIMEOUT_SECONDS + " s";
      decoder.close(new IOException(why));
    }
  }

  private void send(Frame frame) {
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), frame));
  }

  /** Tells the other side, if it speaks our language at all, why it is not welcome. */
  private void refuse(String why) {
    channel
        .writeAndFlush(FrameWriter.frame(channel.alloc(), failure(why)))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** What such a peer is told. */
  static Frame failure(String why) {
    return Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build();
  }
}
