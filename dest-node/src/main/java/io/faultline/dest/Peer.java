package io.faultline.dest;

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
 * Who is at the other end of a connection, as far as that is known.
 *
 * @param hello what it said
 * @param subject of its certificate; empty where there is no TLS
 * @param key what it has proved to know; null where nothing was asked
 * @param challenge the random bytes that it proved that with
 * @param sessionKey what the answer gives it for the migration's other connections; null for none
 */
record Peer(
    Hello hello,
    String subject,
    @Nullable SharedKey key,
    ByteString challenge,
    @Nullable SharedKey sessionKey) {

  /** Somebody who has said hello, and proved nothing. */
  static Peer unproven(Hello hello, String subject) {
    return new Peer(hello, subject, null, ByteString.EMPTY, null);
  }

  /** The same, that has proved to know a key. */
  Peer proven(SharedKey knows, ByteString by) {
    return new Peer(hello, subject, knows, by, sessionKey);
  }

  /** The same, to be given the key of its migration. */
  Peer given(@Nullable SharedKey newKey) {
    return new Peer(hello, subject, key, challenge, newKey);
  }

  /**
   * Answers it with what can be done here, and with this side's own proof.
   *
   * @param timeouts of this side
   */
  void answer(Channel channel, PeerTimeouts timeouts) {
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
