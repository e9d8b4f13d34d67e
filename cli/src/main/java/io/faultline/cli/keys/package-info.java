/**
 * {@code faultline keys}: certificates and a token for tests.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.keys.KeysCommand}: the command.
 *   <li>{@code KeySet}: the directory that it creates.
 *   <li>{@link io.faultline.cli.keys.CertificateAuthority}: issues certificates; {@link
 *       io.faultline.cli.keys.IssuedCertificate}: a certificate with its key, written as PEM files.
 * </ul>
 */
@NullMarked
package io.faultline.cli.keys;

import org.jspecify.annotations.NullMarked;
