package io.faultline.restore.pageserver;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a page server does.
 *
 * @param servesImages whether it serves the images of the directory ({@code --lazy-pages}) or
 *     receives pages into it
 * @param images the directory
 * @param previousImages {@code --prev-images-dir}: a receiving server links it as the images of the
 *     dump before, relative to the directory; null for none, or for one that is linked already
 * @param address a host name or address to listen on; null for all
 * @param port 0 for one that the kernel chooses
 * @param descriptor of a connected TCP socket to use instead of listening; -1 for none
 * @param tls null for plain text
 * @param once whether a serving server ends after its first client, as CRIU's does; a receiving one
 *     always does
 * @param silenceSeconds how long a client of a serving server may send no first command, or not
 *     read what it asked for, until it is disconnected
 */
public record PageServerOptions(
    boolean servesImages,
    Path images,
    @Nullable String previousImages,
    @Nullable String address,
    int port,
    int descriptor,
    @Nullable CriuTls tls,
    boolean once,
    int silenceSeconds) {
  /** Much longer than a working client takes to read. */
  public static final int SILENCE_SECONDS = 60;

  public PageServerOptions {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port + ": must be 0 to 65535");
    }
    if (silenceSeconds < 1) {
      throw new IllegalArgumentException("silence of " + silenceSeconds + " s: at least 1 s");
    }
  }

  /** Receives pages, in plain text. */
  public static PageServerOptions receive(Path images, @Nullable String address, int port) {
    return new PageServerOptions(
        false, images, null, address, port, -1, null, true, SILENCE_SECONDS);
  }

  /** Serves images to any number of clients, in plain text. */
  public static PageServerOptions serve(Path images, @Nullable String address, int port) {
    return new PageServerOptions(
        true, images, null, address, port, -1, null, false, SILENCE_SECONDS);
  }

  /** Whether the server ends with its first session. */
  boolean isSingle() {
    return once || !servesImages || descriptor >= 0;
  }
}
