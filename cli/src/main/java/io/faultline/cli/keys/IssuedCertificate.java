package io.faultline.cli.keys;

import io.faultline.proto.security.MutualTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A certificate with its key, and the CA that must have issued the peer's certificate.
 *
 * @param trusted the CA's certificate
 */
public record IssuedCertificate(
    X509Certificate certificate, PrivateKey key, X509Certificate trusted) {
  private static final int LINE = 64;

  /** Of the curve P-256. */
  private static final int KEY_BITS = 256;

  /**
   * Writes the three files that {@code --tls} needs into a new directory that only its owner can
   * read.
   *
   * @throws IOException if the directory exists, or cannot be created
   */
  public void write(Path directory) throws IOException {
    createDirectory(directory);
    writeNew(directory.resolve(MutualTls.CA), pem("CERTIFICATE", encoded(trusted)));
    writeNew(directory.resolve(MutualTls.CERTIFICATE), pem("CERTIFICATE", encoded(certificate)));
    writeNew(directory.resolve(MutualTls.KEY), pem("PRIVATE KEY", privateKey()));
  }

  /**
   * The key as in PKCS #8, with the public key in it, which the JDK leaves out and GnuTLS (CRIU)
   * requires: RFC 5915.
   */
  private byte[] privateKey() {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    ASN1BitString point =
        SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded())
            .getPublicKeyData();
    try {
      ECPrivateKey bare = ECPrivateKey.getInstance(info.parsePrivateKey());
      ECPrivateKey whole = new ECPrivateKey(KEY_BITS, bare.getKey(), point, null);
      return new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), whole).getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Creates a directory that only its owner can read. */
  static void createDirectory(Path directory) throws IOException {
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Creates a file that only its owner can read. */
  static void writeNew(Path file, String text) throws IOException {
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      var bytes = StandardCharsets.US_ASCII.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String kind, byte[] bytes) {
    String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
  }
}
