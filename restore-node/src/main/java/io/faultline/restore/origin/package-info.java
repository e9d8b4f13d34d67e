/** Where pages come from: each origin answers requests for pages of the dump. */
@NullMarked
package io.faultline.restore.origin;

import org.jspecify.annotations.NullMarked;
