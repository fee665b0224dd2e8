// Says, one a line, what Kubernetes' own validation and its Pod Security Standard "restricted" have against the objects of a YAML stream.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corev1conversion "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	schedulingvalidation "k8s.io/kubernetes/pkg/apis/scheduling/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := check(os.Stdin); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func check(in io.Reader) error {
	// Strict: unknown and doubled fields are errors.
	codecs := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)
	reader := yaml.NewYAMLReader(bufio.NewReader(in))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		object, kind, err := codecs.UniversalDeserializer().Decode(document, nil, nil)
		if runtime.IsNotRegisteredError(err) { // OpenShift's
			continue
		}
		if err != nil {
			return err
		}
		legacyscheme.Scheme.Default(object)
		internal, err := legacyscheme.Scheme.UnsafeConvertToVersion(object, runtime.InternalGroupVersioner)
		if err != nil {
			return err
		}
		for _, problem := range validate(internal) {
			fmt.Printf("%s: %v\n", kind.Kind, problem)
		}
		if set, ok := internal.(*apps.DaemonSet); ok {
			if err := restricted(&set.Spec.Template); err != nil {
				return err
			}
		}
	}
}

func validate(object runtime.Object) field.ErrorList {
	switch it := object.(type) {
	case *apps.DaemonSet:
		return appsvalidation.ValidateDaemonSet(it, corevalidation.PodValidationOptions{})
	case *core.Service:
		return corevalidation.ValidateServiceCreate(it)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(it)
	case *core.ConfigMap:
		return corevalidation.ValidateConfigMap(it)
	case *core.Namespace:
		return corevalidation.ValidateNamespace(it)
	case *networking.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(it, networkingvalidation.NetworkPolicyValidationOptions{})
	case *scheduling.PriorityClass:
		return schedulingvalidation.ValidatePriorityClass(it)
	}
	return field.ErrorList{field.InternalError(nil, fmt.Errorf("no validation of %T", object))}
}

func restricted(template *core.PodTemplateSpec) error {
	var out corev1.PodTemplateSpec
	if err := corev1conversion.Convert_core_PodTemplateSpec_To_v1_PodTemplateSpec(template, &out, nil); err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &out.ObjectMeta, &out.Spec))
	if !result.Allowed {
		fmt.Printf("DaemonSet: restricted forbids: %s\n", result.ForbiddenDetail())
	}
	return nil
}
