/**
 * {@code keys}: certificates to try TLS with.
 *
 * <ul>
 *   <li>{@link io.faultline.demo.keys.KeysCommand}: the command.
 *   <li>{@link io.faultline.demo.keys.Authority}: a CA that issues certificates, while it lives.
 *   <li>{@link io.faultline.demo.keys.Issued}: a certificate and its key, as files.
 *   <li>{@code KeySet}: the directory that the command makes.
 * </ul>
 */
@NullMarked
package io.faultline.demo.keys;

import org.jspecify.annotations.NullMarked;
