package io.faultline.restore.frozen;

import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.pageserver.CriuTls;
import io.faultline.restore.pageserver.PageServerHeader;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How to speak to a dump with {@code --tls}. CRIU reads a whole header from one TLS record, so that
 * its length cannot be found out by sending it in two parts: it is that of the CRIU that wrote the
 * images. Thread-safe.
 *
 * @param tls certificates and key
 * @param images of the dump
 */
public record DumpTls(CriuTls tls, Path images) {
  /**
   * The layout of the dump's headers, once it listens: then its images are complete.
   *
   * @throws IOException if they cannot be read; the message is for the user
   */
  PageServerHeader header() throws IOException {
    try {
      ImageDirectory directory = ImageDirectory.open(images);
      for (int pid : directory.processes()) {
        if (directory.hasMemory(pid)) {
          return directory.task(pid).isWide() ? PageServerHeader.WIDE : PageServerHeader.NARROW;
        }
      }
      return PageServerHeader.WIDE;
    } catch (IOException e) {
      throw new IOException(
          "--tls needs the images of the dump, in the directory -D: " + e.getMessage(), e);
    }
  }
}
