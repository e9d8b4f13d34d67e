package io.faultline.proto.accept;

import com.google.protobuf.ByteString;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.Service;
import io.faultline.proto.WireException;
import io.faultline.proto.security.MutualTls;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Challenge;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Proof;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the hello handshake on one connection: receives the hello, asks for a proof
 * if one is required, and checks it. A refused peer changes nothing. Until it is accepted, a
 * connection may send headers of at most 4 KiB and has five seconds in total. Confined to the
 * accept loop.
 */
final class HelloServer implements FrameReceiver {
  /** For TLS, the hello and the proof together. */
  private static final long HELLO_TIMEOUT_SECONDS = 5;

  private final Service service;
  private final Channel channel;
  private final ConnectionPolicy policy;
  private final @Nullable SharedKey token;
  private final RandomGenerator random;
  private final Outcome outcome;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final ScheduledFuture<?> timeout;

  // Once it has sent its hello and was asked for a proof.
  private @Nullable Peer peer;
  private @Nullable SharedKey key;
  private ByteString challenge = ByteString.EMPTY;

  /** Is notified of the end of the handshake, on the accept loop. */
  interface Outcome {
    /** A connection was accepted, was refused, or ended: called once for each. */
    void handshakeEnded();

    /** A connection was refused, or ended before it was accepted. */
    void refused(Channel channel, Throwable why);
  }

  /**
   * @param service what connections are accepted for
   * @param token that every peer must prove to know; null if this node has none
   * @param random for challenges, which nobody must be able to guess
   */
  HelloServer(
      Service service,
      Channel channel,
      ConnectionPolicy policy,
      @Nullable SharedKey token,
      RandomGenerator random,
      Outcome outcome) {
    this.service = service;
    this.channel = channel;
    this.policy = policy;
    this.token = token;
    this.random = random;
    this.outcome = outcome;
    this.timeout =
        channel.eventLoop().schedule(this::timedOut, HELLO_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  FrameDecoder decoder() {
    return decoder;
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (frame.hasFailure()) {
      throw new WireException(
          "the peer gave up: " + Hellos.printable(frame.getFailure().getMessage()));
    }
    if (peer == null) {
      greet(Hellos.checkHello(frame));
    } else {
      admit(checkProof(frame, peer));
    }
  }

  private void greet(Hello hello) throws WireException {
    checkService(hello.getRole());
    Peer unproven = Peer.unproven(hello, MutualTls.subject(channel).orElse(""));
    key = requiredKey(hello);
    if (key == null) {
      admit(unproven);
      return;
    }
    if (hello.getNonce().size() != SharedKey.NONCE_BYTES) {
      throw new WireException("a hello without a nonce, which a proof requires");
    }
    peer = unproven;
    challenge = SharedKey.nonce(random);
    Challenge.Builder ask = Challenge.newBuilder().setNonce(challenge);
    send(Frame.newBuilder().setChallenge(ask.setSessionKey(token == null)).build());
  }

  private void checkService(Role role) throws WireException {
    Service wanted = Service.of(role);
    if (wanted != null && wanted != service) {
      throw new WireException(
          "this is a "
              + service.server()
              + " and not a "
              + wanted.server()
              + ": check the command and the port at both sides");
    }
  }

  private @Nullable SharedKey requiredKey(Hello hello) throws WireException {
    if (token != null) {
      return token;
    }
    if (hello.getToken()) {
      throw new WireException(
          "the "
              + service.client()
              + " has a token, and this "
              + service.server()
              + " has none: start it with --token-file");
    }
    return policy.sessionKey(hello);
  }

  private Peer checkProof(Frame frame, Peer unproven) throws WireException {
    Proof proof = frame.getProof();
    if (!frame.hasProof()) {
      throw new WireException("a " + frame.getBodyCase() + " frame where a proof was expected");
    }
    SharedKey required = Objects.requireNonNull(key, "a challenge without a key");
    Hello hello = unproven.hello();
    if (!required.isProof(proof.getHmac(), Party.SOURCE, hello, hello.getNonce(), challenge)) {
      throw new WireException(
          hello.getToken()
              ? "the "
                  + service.client()
                  + "'s token does not match this "
                  + service.server()
                  + "'s"
              : "the "
                  + service.client()
                  + " did not prove that it is the one that began this migration");
    }
    return unproven.proven(required, challenge);
  }

  private void admit(Peer known) throws WireException {
    timeout.cancel(false);
    LoopTransferHandler.move(channel, decoder, policy.admit(known));
    outcome.handshakeEnded();
  }

  @Override
  public void closed(Throwable cause) {
    timeout.cancel(false);
    if (channel.isActive()) {
      refuse(String.valueOf(cause.getMessage()));
    }
    outcome.handshakeEnded();
    outcome.refused(channel, cause);
  }

  private void timedOut() {
    if (channel.isActive()) {
      String why = "no hello within " + HELLO_TIMEOUT_SECONDS + " s";
      decoder.close(new IOException(why));
    }
  }

  private void send(Frame frame) {
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), frame));
  }

  /** Sends the reason to the peer, then closes the connection. */
  private void refuse(String why) {
    channel
        .writeAndFlush(FrameWriter.frame(channel.alloc(), failure(why)))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** The frame that tells a peer why it is refused. */
  static Frame failure(String why) {
    return Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build();
  }
}
