export { accuracy, confusionMatrix, countCorrect } from './counts';
export { formatClassificationReport, formatConfusionMatrix } from './format';
export { classificationReport, type ClassificationReport, type Scores } from './report';
