/** The lazy memory of a restored process as it is now. */
@NullMarked
package io.faultline.restore.space;

import org.jspecify.annotations.NullMarked;
