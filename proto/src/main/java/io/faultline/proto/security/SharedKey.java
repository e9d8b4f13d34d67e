package io.faultline.proto.security;

import com.google.protobuf.ByteString;
import io.faultline.proto.wire.Hello;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What both ends of a connection know and nobody else: a token, or the key that a destination gave
 * the migration. It never goes over the wire again; who knows it proves that with an HMAC-SHA256
 * (RFC 2104) over random bytes of both ends and over what the hello says. Immutable.
 *
 * <p>A proof vouches for the start of a connection. It does not protect what follows from somebody
 * who sits on the path: TLS does.
 */
public final class SharedKey {
  /** The length of what each end adds, so that no proof serves twice. */
  public static final int NONCE_BYTES = 32;

  /** The shortest token: a shorter one could be guessed from a proof. */
  public static final int MIN_TOKEN_BYTES = 16;

  /** The longest token. */
  public static final int MAX_TOKEN_BYTES = 1024;

  private static final int KEY_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";

  /** Whose proof it is, so that none can be sent back to its maker. */
  public enum Party {
    SOURCE,
    DESTINATION
  }

  private final byte[] bytes;

  private SharedKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A token, of which only the exact bytes count.
   *
   * @throws IllegalArgumentException unless it has 16 to 1024 bytes
   */
  public static SharedKey ofToken(byte[] token) {
    if (token.length < MIN_TOKEN_BYTES || token.length > MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException(
          "a token of "
              + token.length
              + " bytes: it takes "
              + MIN_TOKEN_BYTES
              + " to "
              + MAX_TOKEN_BYTES
              + ", such as 32 random ones (openssl rand -hex 32)");
    }
    return new SharedKey(token.clone());
  }

  /** A new key for the connections of one migration. */
  public static SharedKey random() {
    return random(new SecureRandom());
  }

  /** The same, by somebody's choice of what is random. */
  public static SharedKey random(RandomGenerator random) {
    return new SharedKey(randomBytes(KEY_BYTES, random));
  }

  /** The key that {@link #wireBytes} told; empty bytes for none are the caller's business. */
  public static SharedKey ofWire(ByteString told) {
    if (told.size() != KEY_BYTES) {
      throw new IllegalArgumentException("a session key of " + told.size() + " bytes");
    }
    return new SharedKey(told.toByteArray());
  }

  /** The key itself, for the one answer that tells it. */
  public ByteString wireBytes() {
    return ByteString.copyFrom(bytes);
  }

  /** New random bytes for one connection. */
  public static ByteString nonce() {
    return nonce(new SecureRandom());
  }

  /** The same, by somebody's choice of what is random. */
  public static ByteString nonce(RandomGenerator random) {
    return ByteString.copyFrom(randomBytes(NONCE_BYTES, random));
  }

  /**
   * Proves that this side knows the key.
   *
   * @param said what this side says in its hello, or in its answer to one
   * @param sourceNonce the random bytes of the source's hello
   * @param destinationNonce those of the destination's challenge
   */
  public ByteString proof(
      Party of, Hello said, ByteString sourceNonce, ByteString destinationNonce) {
    Mac mac = mac();
    update(mac, ("faultline " + of).getBytes(StandardCharsets.US_ASCII));
    number(mac, said.getVersion());
    number(mac, said.getRoleValue());
    number(mac, said.getAttempt());
    number(mac, said.getSilenceMillis());
    number(mac, said.getChannels());
    number(mac, said.getChannel());
    update(mac, said.getMigrationId().toByteArray());
    number(mac, said.getCapabilitiesCount());
    for (String capability : said.getCapabilitiesList()) {
      update(mac, capability.getBytes(StandardCharsets.UTF_8));
    }
    update(mac, sourceNonce.toByteArray());
    update(mac, destinationNonce.toByteArray());
    return ByteString.copyFrom(mac.doFinal());
  }

  /** Whether the peer knows the key; takes the same time whatever differs. */
  public boolean isProof(
      ByteString proof, Party of, Hello said, ByteString sourceNonce, ByteString destinationNonce) {
    byte[] right = proof(of, said, sourceNonce, destinationNonce).toByteArray();
    return MessageDigest.isEqual(right, proof.toByteArray());
  }

  private Mac mac() {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** With its length in front, so that no two sequences of fields are the same bytes. */
  private static void update(Mac mac, byte[] field) {
    number(mac, field.length);
    mac.update(field);
  }

  private static void number(Mac mac, int value) {
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
  }

  private static byte[] randomBytes(int count, RandomGenerator random) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
