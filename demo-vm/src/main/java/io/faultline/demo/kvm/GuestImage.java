package io.faultline.demo.kvm;

import java.io.IOException;
import java.io.InputStream;

/** The code of the guest programs, built from {@code src/main/guest} and checked in. */
final class GuestImage {
  private static final String RESOURCE = "guest.bin";

  private GuestImage() {}

  /** The image, which belongs at {@link GuestLayout#CODE} and starts with its first instruction. */
  static byte[] load() {
    try (InputStream in = GuestImage.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the guest image " + RESOURCE + " is not in this build");
      }
      byte[] image = in.readAllBytes();
      if (image.length > GuestLayout.SCRATCH - GuestLayout.CODE) {
        throw new IllegalStateException("a guest image of " + image.length + " bytes is too long");
      }
      return image;
    } catch (IOException e) {
      throw new IllegalStateException("the guest image " + RESOURCE + " cannot be read", e);
    }
  }
}
