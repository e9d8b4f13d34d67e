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
 * A secret that both sides of a connection share: a token, or the session key that the destination
 * issued for a migration. It is never sent again; each side proves that it knows the key with an
 * HMAC-SHA256 (RFC 2104) over the nonces of both sides and the fields of the hello. Immutable.
 *
 * <p>A proof authenticates the start of a connection only. It does not protect the rest from an
 * attacker on the path; TLS does.
 */
public final class SharedKey {
  /** The length of each side's nonce, which keeps a proof from being replayed. */
  public static final int NONCE_BYTES = 32;

  /** The shortest token: a shorter one could be guessed from a proof. */
  public static final int MIN_TOKEN_BYTES = 16;

  /** The longest token. */
  public static final int MAX_TOKEN_BYTES = 1024;

  private static final int KEY_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";

  /** The author of a proof, so that a proof cannot be reflected to its author. */
  public enum Party {
    SOURCE,
    DESTINATION
  }

  private final byte[] bytes;

  private SharedKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The key that consists of the exact bytes of a token.
   *
   * @throws IllegalArgumentException unless the token has 16 to 1024 bytes
   */
  public static SharedKey ofToken(byte[] token) {
    if (token.length < MIN_TOKEN_BYTES || token.length > MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException(
          "a token of "
              + token.length
              + " bytes: it must have "
              + MIN_TOKEN_BYTES
              + " to "
              + MAX_TOKEN_BYTES
              + ", for example: openssl rand -hex 32");
    }
    return new SharedKey(token.clone());
  }

  /** A new key for the connections of one migration. */
  public static SharedKey random() {
    return random(new SecureRandom());
  }

  /** As {@link #random()}, with the caller's random numbers. */
  public static SharedKey random(RandomGenerator random) {
    return new SharedKey(randomBytes(KEY_BYTES, random));
  }

  /** The key with these {@link #wireBytes}, which must not be empty. */
  public static SharedKey ofWire(ByteString bytes) {
    if (bytes.size() != KEY_BYTES) {
      throw new IllegalArgumentException("a session key of " + bytes.size() + " bytes");
    }
    return new SharedKey(bytes.toByteArray());
  }

  /** The key itself, for the one hello answer that carries it. */
  public ByteString wireBytes() {
    return ByteString.copyFrom(bytes);
  }

  /** A new nonce for one connection. */
  public static ByteString nonce() {
    return nonce(new SecureRandom());
  }

  /** As {@link #nonce()}, with the caller's random numbers. */
  public static ByteString nonce(RandomGenerator random) {
    return ByteString.copyFrom(randomBytes(NONCE_BYTES, random));
  }

  /**
   * Proves that this side knows the key.
   *
   * @param hello this side's hello, or its answer to one
   * @param sourceNonce the nonce in the source's hello
   * @param destinationNonce the nonce in the destination's challenge
   */
  public ByteString proof(
      Party author, Hello hello, ByteString sourceNonce, ByteString destinationNonce) {
    Mac mac = mac();
    update(mac, ("faultline " + author).getBytes(StandardCharsets.US_ASCII));
    number(mac, hello.getVersion());
    number(mac, hello.getRoleValue());
    number(mac, hello.getAttempt());
    number(mac, hello.getSilenceMillis());
    number(mac, hello.getChannels());
    number(mac, hello.getChannel());
    update(mac, hello.getMigrationId().toByteArray());
    number(mac, hello.getCapabilitiesCount());
    for (String capability : hello.getCapabilitiesList()) {
      update(mac, capability.getBytes(StandardCharsets.UTF_8));
    }
    if (hello.getOwner()) { // of which older versions know nothing
      update(mac, "owner".getBytes(StandardCharsets.US_ASCII));
    }
    update(mac, sourceNonce.toByteArray());
    update(mac, destinationNonce.toByteArray());
    return ByteString.copyFrom(mac.doFinal());
  }

  /** Whether a peer's proof is valid; compares in constant time. */
  public boolean isProof(
      ByteString proof,
      Party author,
      Hello hello,
      ByteString sourceNonce,
      ByteString destinationNonce) {
    byte[] expected = proof(author, hello, sourceNonce, destinationNonce).toByteArray();
    return MessageDigest.isEqual(expected, proof.toByteArray());
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

  /** Prefixes a field with its length, so that different fields never yield the same bytes. */
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
