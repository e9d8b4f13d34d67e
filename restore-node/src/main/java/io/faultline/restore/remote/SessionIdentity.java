package io.faultline.restore.remote;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a page source knows its client by: the first connection's id belongs to the client until the
 * end. A program that takes over from another continues with its identity. Immutable.
 *
 * @param id 16 bytes, random
 * @param key the session key that the page source gave, if there is neither TLS nor a token; else
 *     null. Secret
 * @param attempt the number of the last set of connections; 0 for none
 */
public record SessionIdentity(ByteString id, @Nullable SharedKey key, int attempt) {
  public SessionIdentity {
    if (id.size() != Hellos.MIGRATION_ID_BYTES || attempt < 0) {
      throw new IllegalArgumentException(
          "an identity of " + id.size() + " bytes, after " + attempt + " attempts");
    }
  }

  private static final int ATTEMPT_BYTES = Integer.BYTES;

  /** For a program that takes over: {@link #decode}. Secret if there is a key. */
  byte[] encode() {
    ByteString attempts =
        ByteString.copyFrom(ByteBuffer.allocate(ATTEMPT_BYTES).putInt(0, attempt).array());
    ByteString all = id.concat(attempts);
    return (key == null ? all : all.concat(key.wireBytes())).toByteArray();
  }

  /**
   * What {@link #encode} made.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static SessionIdentity decode(byte[] encoded) {
    ByteString all = ByteString.copyFrom(encoded);
    int idEnd = Hellos.MIGRATION_ID_BYTES;
    int attemptEnd = idEnd + ATTEMPT_BYTES;
    if (all.size() < attemptEnd) {
      throw new IllegalArgumentException("an identity of " + all.size() + " bytes");
    }
    ByteString key = all.substring(attemptEnd);
    return new SessionIdentity(
        all.substring(0, idEnd),
        key.isEmpty() ? null : SharedKey.ofWire(key),
        ByteBuffer.wrap(encoded).getInt(idEnd));
  }

  /** A new one. */
  public static SessionIdentity create(RandomGenerator random) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    random.nextBytes(id);
    return new SessionIdentity(ByteString.copyFrom(id), null, 0);
  }
}
