package io.faultline.proto.security;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Has the JVM compile the cipher of TLS before a VM waits for it: interpreted, AES-GCM is a hundred
 * times slower than the processor could be, for the first second or so.
 */
public final class CipherRehearsal {
  /** Fast enough for any link that this is run on; a compiled cipher is far above it. */
  private static final long ENOUGH_BYTES_PER_SECOND = 1L << 30;

  /** As of a TLS record. */
  private static final int RECORD_BYTES = 16 << 10;

  private static final int RECORDS = 32;
  private static final int KEY_BYTES = 32;
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES + TAG_BITS);
  private final ByteBuffer secret = ByteBuffer.allocate(RECORD_BYTES + TAG_BITS);
  private final SecretKeySpec key = new SecretKeySpec(new byte[KEY_BYTES], "AES");
  private final byte[] iv = new byte[IV_BYTES];
  private final Cipher encryption;
  private final Cipher decryption;

  private CipherRehearsal() throws GeneralSecurityException {
    encryption = Cipher.getInstance("AES/GCM/NoPadding");
    decryption = Cipher.getInstance("AES/GCM/NoPadding");
  }

  /**
   * Encrypts and decrypts until that is fast.
   *
   * @param limit when to end in any case
   * @param nanos a clock
   */
  public static void run(Duration limit, LongSupplier nanos) {
    try {
      CipherRehearsal rehearsal = new CipherRehearsal();
      long end = nanos.getAsLong() + limit.toNanos();
      long enoughNanos = RECORDS * RECORD_BYTES * 1_000_000_000L / ENOUGH_BYTES_PER_SECOND;
      long started = nanos.getAsLong();
      while (started - end < 0) {
        rehearsal.roundTrips();
        long now = nanos.getAsLong();
        if (now - started < enoughNanos) {
          return;
        }
        started = now;
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  private void roundTrips() throws GeneralSecurityException {
    for (int i = 0; i < RECORDS; i++) {
      ByteBuffer.wrap(iv).putLong(ByteBuffer.wrap(iv).getLong() + 1); // none may serve twice
      GCMParameterSpec parameters = new GCMParameterSpec(TAG_BITS, iv);
      encryption.init(Cipher.ENCRYPT_MODE, key, parameters);
      encryption.doFinal(plain.clear().limit(RECORD_BYTES), secret.clear());
      decryption.init(Cipher.DECRYPT_MODE, key, parameters);
      decryption.doFinal(secret.flip(), plain.clear());
    }
  }
}
