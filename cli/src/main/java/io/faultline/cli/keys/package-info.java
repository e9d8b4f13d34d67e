/**
 * {@code keys}: certificates to try TLS with.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.keys.KeysCommand}: the command.
 *   <li>{@link io.faultline.cli.keys.CertificateAuthority}: a CA that issues certificates, while it
 *       lives.
 *   <li>{@link io.faultline.cli.keys.IssuedCertificate}: a certificate and its key, as files.
 *   <li>{@code KeySet}: the directory that the command makes.
 * </ul>
 */
@NullMarked
package io.faultline.cli.keys;

import org.jspecify.annotations.NullMarked;
