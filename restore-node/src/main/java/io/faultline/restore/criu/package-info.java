/**
 * CRIU's front end: the socket between {@code criu restore --lazy-pages} and the daemon.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.criu.RestoreSocket}: listens, and accepts one CRIU.
 *   <li>{@code RestoreMessages}: the messages, each read with the descriptor that belongs to it;
 *       {@code RestoreException}: what no CRIU sends.
 *   <li>{@link io.faultline.restore.criu.RestoreListener}: what arrives.
 * </ul>
 */
@NullMarked
package io.faultline.restore.criu;

import org.jspecify.annotations.NullMarked;
