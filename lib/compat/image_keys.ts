/**
 * The short names that config files of 2019 use for container images.
 *
 * @module
 */

const PUBLIC_IMAGES = "us.gcr.io/dl-ci-cd/images/tasks/public";

/**
 * Container images of 2019 by their short names, kept so that old config files stay valid. The
 * service that ran them no longer exists, and its successor rejects them.
 */
export const IMAGES = {
  py27: `${PUBLIC_IMAGES}/py2/default:v2019.04.18-13-g565aebde`,
  py27_gpu: `${PUBLIC_IMAGES}/py2-gpu/default:v2019.04.18-13-g565aebde`,
  py36: `${PUBLIC_IMAGES}/py3.6/default:v2019.04.18-13-g565aebde`,
  py36_gpu: `${PUBLIC_IMAGES}/py3.6-gpu/default:v2019.04.18-13-g565aebde`,
  py37: `${PUBLIC_IMAGES}/py3.7/default:v2019.02.12`,
} as const;
