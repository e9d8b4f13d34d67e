package io.faultline.cli.keys;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority whose key never leaves this object, so that nobody can issue another
 * certificate later. Keys are on the curve P-256, signatures are ECDSA with SHA-256.
 */
public final class CertificateAuthority {
  private static final int SERIAL_BITS = 127;

  private final KeyPair keys = newKeys();
  private final X509Certificate certificate;

  /** The side of a migration that may use a certificate. */
  public enum Use {
    SOURCE,
    DESTINATION;

    private KeyPurposeId purpose() {
      return this == SOURCE ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
    }
  }

  /** Creates an authority with a self-signed certificate that is valid in the given period. */
  public CertificateAuthority(String name, Instant from, Instant until) {
    X500Name self = name(name);
    X509v3CertificateBuilder builder = builder(self, from, until, self, keys);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    certificate = sign(builder, keys.getPrivate());
  }

  /** The self-signed certificate, which peers trust. */
  public X509Certificate certificate() {
    return certificate;
  }

  /**
   * Issues a certificate with a new key.
   *
   * @param hosts DNS names and IP addresses of the holder; may be empty
   */
  public IssuedCertificate issue(
      String name, Use use, List<String> hosts, Instant from, Instant until) {
    KeyPair pair = newKeys();
    X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    X509v3CertificateBuilder builder = builder(issuer, from, until, name(name), pair);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use.purpose()));
      if (!hosts.isEmpty()) {
        builder.addExtension(Extension.subjectAlternativeName, false, names(hosts));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return new IssuedCertificate(sign(builder, keys.getPrivate()), pair.getPrivate(), certificate);
  }

  private static GeneralNames names(List<String> hosts) {
    return new GeneralNames(
        hosts.stream().map(host -> new GeneralName(kind(host), host)).toArray(GeneralName[]::new));
  }

  /** An IP address has a colon, or only digits and dots. */
  private static int kind(String host) {
    boolean isAddress = host.contains(":") || host.matches("[0-9.]+");
    return isAddress ? GeneralName.iPAddress : GeneralName.dNSName;
  }

  private static X500Name name(String name) {
    return new X500NameBuilder().addRDN(BCStyle.CN, name).build();
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, Instant from, Instant until, X500Name subject, KeyPair keys) {
    BigInteger serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(from), Date.from(until), subject, keys.getPublic());
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot sign a certificate", e);
    }
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not support P-256", e);
    }
  }
}
