package io.faultline.restore.origin;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA for tests, which writes its files as CRIU reads them. */
final class TestAuthority {
  private final Date start = Date.from(Instant.now().minus(1, ChronoUnit.DAYS));
  private final Date end = Date.from(Instant.now().plus(1, ChronoUnit.DAYS));

  private final X500Name name;
  private final KeyPair keys = keys();
  private final Path file;
  private long serial = 1;

  TestAuthority(Path directory, String name) throws Exception {
    this.name = new X500Name("CN=" + name);
    file = directory.resolve(name + ".pem");
    X509v3CertificateBuilder own = builder(this.name, keys);
    own.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    write(file, own.build(signer()));
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private X509v3CertificateBuilder builder(X500Name subject, KeyPair of) {
    BigInteger number = BigInteger.valueOf(serial++);
    return new JcaX509v3CertificateBuilder(name, number, start, end, subject, of.getPublic());
  }

  private ContentSigner signer() throws OperatorCreationException {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
  }

  /** The CA's own certificate. */
  Path file() {
    return file;
  }

  /** Issues a certificate for an address; the key is beside it, with the extension key. */
  Path issue(String fileName, String address) throws Exception {
    KeyPair pair = keys();
    X509v3CertificateBuilder builder = builder(new X500Name("CN=" + fileName), pair);
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.iPAddress, address)));
    Path certificate = file.resolveSibling(fileName + ".pem");
    write(certificate, builder.build(signer()));
    write(key(certificate), new JcaPKCS8Generator(pair.getPrivate(), null));
    return certificate;
  }

  static Path key(Path certificate) {
    return Path.of(certificate + ".key");
  }

  /** A list that revokes the certificate that was issued last. */
  Path revokeLast() throws Exception {
    X509v2CRLBuilder list = new X509v2CRLBuilder(name, start);
    list.setNextUpdate(end);
    list.addCRLEntry(BigInteger.valueOf(serial - 1), start, 0);
    Path revoked = Path.of(file + ".crl");
    write(revoked, list.build(signer()));
    return revoked;
  }

  private static void write(Path file, Object content) throws IOException {
    try (Writer out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII);
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      pem.writeObject(content);
    }
  }
}
