package io.faultline.demo.kvm;

import java.io.IOException;
import java.io.InputStream;

/** The code of the guest programs, built from {@code src/main/guest} and checked in. */
final class GuestImage {
  private static final String RESOURCE = "guest.bin";
  private static final String FIRMWARE = "firmware.bin";

  private GuestImage() {}

  /** The image, which belongs at {@link GuestLayout#CODE} and starts with its first instruction. */
  static byte[] load() {
    return load(RESOURCE, GuestLayout.SCRATCH - GuestLayout.CODE);
  }

  /** Starts the image on the machine of another hypervisor; see {@link FirmwareGuest}. */
  static byte[] loadFirmware() {
    return load(FIRMWARE, FirmwareGuest.FIRMWARE_BYTES);
  }

  private static byte[] load(String name, long mostBytes) {
    try (InputStream in = GuestImage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the guest image " + name + " is not in this build");
      }
      byte[] image = in.readAllBytes();
      if (image.length > mostBytes) {
        throw new IllegalStateException(name + " of " + image.length + " bytes is too long");
      }
      return image;
    } catch (IOException e) {
      throw new IllegalStateException("the guest image " + name + " cannot be read", e);
    }
  }
}
