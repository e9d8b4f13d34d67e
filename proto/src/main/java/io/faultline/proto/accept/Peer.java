package io.faultline.proto.accept;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the peer of a connection. Immutable.
 *
 * @param hello what it sent
 * @param subject of its certificate; empty without TLS
 * @param key what it has proved to know; null if it did not have to prove anything
 * @param challenge the nonce that its proof covers
 * @param sessionKey what the answer gives it for the migration's other connections; null for none
 */
public record Peer(
    Hello hello,
    String subject,
    @Nullable SharedKey key,
    ByteString challenge,
    @Nullable SharedKey sessionKey) {

  /** A peer that has sent its hello and has proved nothing. */
  static Peer unproven(Hello hello, String subject) {
    return new Peer(hello, subject, null, ByteString.EMPTY, null);
  }

  /** The same, with the key that it has proved to know. */
  Peer proven(SharedKey knows, ByteString by) {
    return new Peer(hello, subject, knows, by, sessionKey);
  }

  /** The same, with the session key that its answer must contain. */
  public Peer withSessionKey(@Nullable SharedKey newKey) {
    return new Peer(hello, subject, key, challenge, newKey);
  }

  /**
   * Answers its hello: with this machine's capabilities and this side's own proof.
   *
   * @param timeouts of this side
   */
  public void answer(Channel channel, PeerTimeouts timeouts) {
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), answer(timeouts.silenceMillis())));
  }

  private Frame answer(int silenceMillis) {
    Hello answer = Hellos.answer(hello, Capability.ofThisMachine(), silenceMillis).getHello();
    Hello.Builder full = answer.toBuilder();
    if (key != null) {
      full.setProof(key.proof(Party.DESTINATION, answer, hello.getNonce(), challenge));
    }
    if (sessionKey != null) {
      full.setSessionKey(sessionKey.wireBytes());
    }
    return Frame.newBuilder().setHello(full).build();
  }
}
