package io.faultline.demo.kvm;

import java.io.IOException;
import java.io.InputStream;

/** The code of the guest programs: built from {@code src/main/guest} and checked in. */
final class GuestImage {
  private static final String RESOURCE = "guest.bin";
  private static final String FIRMWARE = "firmware.bin";

  private GuestImage() {}

  /** The image, linked for {@link GuestLayout#CODE}. Its first instruction is at its start. */
  static byte[] load() {
    return load(RESOURCE, GuestLayout.SCRATCH - GuestLayout.CODE);
  }

  /** The firmware that starts the image on other hypervisors; see {@link FirmwareGuest}. */
  static byte[] loadFirmware() {
    return load(FIRMWARE, FirmwareGuest.FIRMWARE_BYTES);
  }

  private static byte[] load(String name, long mostBytes) {
    try (InputStream in = GuestImage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("this build lacks the guest image " + name);
      }
      byte[] image = in.readAllBytes();
      if (image.length > mostBytes) {
        throw new IllegalStateException(
            name + " has " + image.length + " bytes; at most " + mostBytes + " fit");
      }
      return image;
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the guest image " + name, e);
    }
  }
}
